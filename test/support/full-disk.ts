// Replaces a file by one of a given size and says what came of it. Run as: root, file, bytes.
import { createFileWriter } from "../../src/host/fs/files.ts";
import { HostError } from "../../src/model/errors.ts";

const [, , root = "", path = "", bytes = "0"] = process.argv;
// Over its limit (ulimit -f) a process gets this signal; ignored, the write fails with EFBIG instead.
process.on("SIGXFSZ", () => {});
const files = createFileWriter({ roots: [root], state: `${root}/state` });
const edit = () => ({ do: "write", bytes: Buffer.alloc(Number(bytes), "x") }) as const;
try {
  console.log(JSON.stringify(await files.replace({ path, run: "0001-abcd", mode: 0o644, parents: true, edit })));
} catch (error) {
  if (!(error instanceof HostError)) throw error;
  console.log(JSON.stringify({ code: error.code, errno: error.errno, path: error.path, hint: error.hint }));
}
