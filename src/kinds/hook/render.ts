// The executable as text: a shell head that clears what could change Node, the packed program, the policy in plain JSON.
import { createHash } from "node:crypto";
import { digestBytes } from "../../delta/digest.ts";
import type { Place, Policy } from "./guard/policy.ts";
import { GUARD_PROGRAM } from "./guard.generated.ts";

/** Between these two /bin/sh hands the program to Node. */
export const PROGRAM_HEAD = "-e '\n";
export const PROGRAM_END = '\n\' -- "$0"\n';
const POLICY_HEAD = "\nconst POLICY =\n";
const POLICY_END = "\n;\n";

/**
 * What can load code into Node, change how it reads its arguments or make it write where it should not. The loader
 * variables of the system itself cannot be undone here: /bin/sh has already started under them.
 */
const CLEARED =
  "NODE_OPTIONS NODE_PATH NODE_V8_COVERAGE NODE_EXTRA_CA_CERTS NODE_REPL_EXTERNAL_MODULE NODE_COMPILE_CACHE NODE_DEBUG NODE_DEBUG_NATIVE NODE_ICU_DATA NODE_CHANNEL_FD NODE_UNIQUE_ID OPENSSL_CONF OPENSSL_MODULES LD_PRELOAD";

/** Ends with 0 only when the program itself said so (42): a Node that does nothing refuses every call. */
const HEAD = `#!/bin/sh
# auto-deny: asked by the client before every tool call; exit 2 refuses it. Rendered by rollcall from the registry.
# Below stand the program (the same in every hook; its source is src/kinds/hook/guard of rollcall) and this agent's policy.
unset ${CLEARED}
command -v node >/dev/null 2>&1 || {
  echo 'auto-deny: node is not on PATH, so every call is refused; ask the person who runs rollcall' >&2
  exit 2
}
node --input-type=commonjs ${PROGRAM_HEAD}const PROGRAM = \`
${GUARD_PROGRAM}
\`;`;

const TAIL = `const text = require("node:zlib").brotliDecompressSync(Buffer.from(PROGRAM, "base64")).toString();
new Function("require", "process", "POLICY", text)(require, process, POLICY);${PROGRAM_END}code=$?
[ "$code" = 42 ] && exit 0
[ "$code" = 2 ] || echo "auto-deny: the guard did not run (node ended with $code), so the call is refused" >&2
exit 2
`;

const placeTexts = new WeakMap<Place, string>();

/** Places are shared by agents, so their text is made once. */
function placeText(place: Place): string {
  const known = placeTexts.get(place);
  if (known !== undefined) return known;
  const made = JSON.stringify(place);
  placeTexts.set(place, made);
  return made;
}

/** JSON that can stand between single quotes of a shell, one place per line so that a diff can be read. */
export function policyText({ places, ...rest }: Policy): string {
  const head = JSON.stringify(rest).slice(1, -1).replaceAll(',"', ',\n"');
  return `{${head},\n"places":[\n${places.map(placeText).join(",\n")}]}`.replaceAll("'", "\\u0027");
}

const DIGEST_LENGTH = digestBytes("").length;
const FRONT = Buffer.from(HEAD + POLICY_HEAD);
const BACK = POLICY_END + TAIL;
/** The hash of what all hooks begin with, taken once: of 10,000 hooks only the policies are hashed. */
const FRONT_HASH = createHash("sha256").update(FRONT);

/** The bytes of the executable that carries this policy. */
export function renderHook(policy: string): Buffer {
  return Buffer.concat([FRONT, Buffer.from(policy + BACK)]);
}

/** The digest of those bytes, as delta/digest.ts makes it, without making them. */
export function renderedDigest(policy: string): string {
  return FRONT_HASH.copy()
    .update(policy + BACK)
    .digest("hex")
    .slice(0, DIGEST_LENGTH);
}

/** The policy text inside an executable of ours (of any version); null when it has not our form. */
export function carriedPolicy(text: string): string | null {
  const from = text.lastIndexOf(POLICY_HEAD);
  const end = text.lastIndexOf(POLICY_END);
  if (!text.startsWith("#!/bin/sh\n# auto-deny:") || from < 0 || end < from) return null;
  return text.slice(from + POLICY_HEAD.length, end);
}
