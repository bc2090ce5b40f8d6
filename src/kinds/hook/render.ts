// The executable as text: a shell head that clears what could change Node, the packed program, the policy in plain JSON.
import { createHash } from "node:crypto";
import { digestBytes } from "../../delta/digest.ts";
import type { ClosedPlace, GuardPolicy } from "../../guard/policy.ts";
import { GUARD_PROGRAM } from "./guard.generated.ts";

/** Between these two /bin/sh hands the program to Node. */
export const PROGRAM_HEAD = "-e '\n";
export const PROGRAM_END = '\n\' -- "$0" "$$")\n';
const POLICY_HEAD = "\nconst POLICY =\n";
const POLICY_END = "\n;\n";

/** Where things of the project are as a hook finds them: relative paths, so that a project can be moved. */
export interface Whereabouts {
  /** From the hook's folder to the agents folder. */
  readonly fromHook: string;
  /** From the launch folder, which the client names in CLAUDE_PROJECT_DIR, to the agents folder. */
  readonly fromHome: string;
  /** From the agents folder to the file that names this machine's Node, and to the ledger. */
  readonly node: string;
  readonly ledger: string;
}

/**
 * What can load code into Node or a shell, change how Node reads its arguments or make it write elsewhere. The loader
 * variables of the system itself cannot be undone here: /bin/sh has already started under them.
 */
const CLEARED =
  "NODE_OPTIONS NODE_PATH NODE_V8_COVERAGE NODE_EXTRA_CA_CERTS NODE_REPL_EXTERNAL_MODULE NODE_COMPILE_CACHE NODE_DEBUG NODE_DEBUG_NATIVE NODE_ICU_DATA NODE_CHANNEL_FD NODE_UNIQUE_ID OPENSSL_CONF OPENSSL_MODULES LD_PRELOAD BASH_ENV ENV";

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/**
 * Which Node runs the guard: the one this machine's file names. A PATH is asked only in a fresh clone, which has neither
 * that file nor a ledger. The builtins of the shell are enough for all of it: no process is started but Node.
 */
const head = ({ fromHook, fromHome, node, ledger }: Whereabouts): string => `#!/bin/sh
# auto-deny: asked by the client before every tool call; exit 2 refuses it. Rendered by rollcall from the registry.
# It finds this machine's Node, then runs the program below (the same in every hook; its source is
# src/guard of rollcall) with this agent's policy, the JSON at the end.
unset ${CLEARED}
refuse() {
  echo "auto-deny: $1, so every call is refused; the person who runs rollcall has to run: rollcall apply" >&2
  exit 2
}
named=${quoted(node)}
node=
for agents in "\${0%/*}/"${quoted(fromHook)} "\${CLAUDE_PROJECT_DIR:-}/"${quoted(fromHome)}; do
  if [ -e "$agents/$named" ]; then
    more=
    { IFS= read -r node && ! read -r more && [ -z "$more" ]; } <"$agents/$named" ||
      refuse "$agents/$named does not hold one line"
    case $node in
    /*) ;;
    *) refuse "$agents/$named does not hold an absolute path" ;;
    esac
    [ -f "$node" ] && [ -x "$node" ] || refuse "the Node that $agents/$named names is not there or not executable: $node"
    break
  fi
  [ ! -e "$agents/"${quoted(ledger)} ] || refuse "$agents/$named, which names this machine's Node, is missing"
done
if [ -z "$node" ]; then
  command -v node >/dev/null 2>&1 || refuse "node is not on PATH"
  node=node
fi
answer=$(exec "$node" --input-type=commonjs ${PROGRAM_HEAD}const PROGRAM = \`
${GUARD_PROGRAM}
\`;`;

/**
 * A call goes on only when the program itself said so: exit 42, and the number of this shell on stdout, which a
 * program that merely ends with 42 does not print.
 */
const TAIL = `process.on("exit", (code) => code === 42 && require("node:fs").writeSync(1, process.argv[2] ?? ""));
const text = require("node:zlib").brotliDecompressSync(Buffer.from(PROGRAM, "base64")).toString();
new Function("require", "process", "POLICY", text)(require, process, POLICY);${PROGRAM_END}code=$?
case $code:$answer in
"42:$$") exit 0 ;;
2:*) ;;
*) echo "auto-deny: the guard did not run ($node ended with $code), so the call is refused" >&2 ;;
esac
exit 2
`;

const placeTexts = new WeakMap<ClosedPlace, string>();

/** Places are shared by agents, so their text is made once. */
function placeText(place: ClosedPlace): string {
  const known = placeTexts.get(place);
  if (known !== undefined) return known;
  const made = JSON.stringify(place);
  placeTexts.set(place, made);
  return made;
}

/** JSON that can stand between single quotes of a shell, one place per line so that a diff can be read. */
export function policyText({ places, ...rest }: GuardPolicy): string {
  const head = JSON.stringify(rest).slice(1, -1).replaceAll(',"', ',\n"');
  return `{${head},\n"places":[\n${places.map(placeText).join(",\n")}]}`.replaceAll("'", "\\u0027");
}

const DIGEST_LENGTH = digestBytes("").length;
const BACK = POLICY_END + TAIL;

interface Front {
  readonly bytes: Buffer;
  /** Of the bytes, taken once: of 10,000 hooks only the policies are hashed. */
  readonly hash: ReturnType<typeof createHash>;
}

const fronts = new Map<string, Front>();

/** What all hooks begin with that lie equally deep. */
function frontOf(where: Whereabouts): Front {
  const key = Object.values(where).join("\n");
  const known = fronts.get(key);
  if (known !== undefined) return known;
  const bytes = Buffer.from(head(where) + POLICY_HEAD);
  const made = { bytes, hash: createHash("sha256").update(bytes) };
  fronts.set(key, made);
  return made;
}

/** The bytes of the executable that carries this policy. */
export function renderHook(policy: string, where: Whereabouts): Buffer {
  return Buffer.concat([frontOf(where).bytes, Buffer.from(policy + BACK)]);
}

/** The digest of those bytes, as delta/digest.ts makes it, without making them. */
export function renderedDigest(policy: string, where: Whereabouts): string {
  return frontOf(where)
    .hash.copy()
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
