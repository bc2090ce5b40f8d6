// A grammar of shell scripts for generated tests: every command is a hole, and one hole gets the probing command.
import fc from "fast-check";
import { forEachChild, parse, type SyntaxNode } from "unbash";

/** Deletes a closed folder; the quotes hide its name from whoever only searches the text for it. */
const CLOSED = 'te""sts';
const PROBE = `rm -rf ${CLOSED}`;
const HARMLESS = "true";
const HOLE = "\u0001";
/** How deep constructs nest. */
const DEPTH = 7;

interface Rule {
  /** Texts that end a branch. */
  readonly ends: readonly string[];
  /** Templates, a row for each kind of construct: a capital letter stands for a text of that rule. */
  readonly goesOn: readonly (readonly string[])[];
}

/** C command, W word, D inside double quotes, A arithmetic, T test, P pattern, R regular expression, H here-document. */
const RULES: Readonly<Record<string, Rule>> = {
  C: {
    ends: [HOLE],
    goesOn: [
      ["C; C", "C && C", "C || C", "C | C", "C |& C", "C & C", "C\nC", "{ C; }", "(C)", "( C\n)", "! C", "C # it's"],
      ["time C", "time -p C", "time -- C", "time -p -- C", "! time C", "coproc C", "coproc n { C; }", "coproc n (C)"],
      ["if C; then C; fi", "if C\nthen C\nelif C; then C; else C; fi", "if [[ T ]]; then C; fi", "{ C; } 2>&1 | C"],
      ["while C; do C; done", "until C\ndo\nC\ndone", "while ((A)); do C; done > /dev/null", "C && (C) || { C; }"],
      ["for x in W W; do C; done", "for x; do C; done", "for x in W; { C; }", "for x in W\ndo C\ndone < W"],
      ["for ((A;A;A)); do C; done", "for (( A; A; A )) { C; }", "for ((;;)) do C; done", "select x in W; do C; done"],
      ["case W in P) C ;; P|P) C ;; esac", "case W in (P) C ;& P) C ;;& *) C ;; esac", "case W in\nP )\nC\n;;\nesac"],
      ["case W in P) C;; esac", "case W in P | P) ;; (P) C; esac", "case W in P) esac", "[[ T ]]", "[[ T ]] && C"],
      [
        "((A))",
        "(( A ))",
        "((A)) && C",
        "((C); C)",
        "((C) | C)",
        "f() { C; }",
        "function f { C; }",
        "f() (C)",
        "f () if C; then C; fi",
      ],
      [
        "function f() { C; } > W",
        "f() [[ T ]]",
        "f()\n{\nC\n}",
        "f() { C; }; f W",
        "echo W W",
        "n=W",
        "n=W echo W",
        "n=(W W)",
        "n=([A]=W)",
      ],
      [
        "n[A]=W",
        "n[A]+=W",
        "n[A]=W C",
        "n=(W\n# it's\nW)",
        "n+=(W)",
        "declare n=W",
        "declare -a n=(W W)",
        "export n=W",
      ],
      ["echo W > /dev/null", "C > /dev/null 2>&1", "> /dev/null C", "C < /dev/null", "echo W &> /dev/null", "C <<< W"],
      ["cat <<end\nH\nend\nC", "cat <<'end'\nit's\nend\nC", "cat <<-end\n\tH\n\tend\nC", "cat <<end | C\nH\nend\nC"],
      [
        "cat <<\\end\n$(\nend\nC",
        'cat <<"end" && C\nH\nend\nC',
        "cat <<a <<end\nH\na\nH\nend\nC",
        "(cat <<end)\nH\nend\nC",
      ],
      ["C < <(C)", "echo <(C) >(C)", "exec {x}>W", "echo W \\\nW", "test W = W", "[ W -eq W ]", "$(C)", "W W"],
    ],
  },
  W: {
    ends: ["x", "'it is'", "$x", "~", "a#b", "x\\ y", "$'it\\'s'", "*.[ch]", "\\(", "1"],
    goesOn: [
      ['"D"', '$"D"', "WW", "${x:-W}", "${x:=W}", "${x:+W}", "${x:?W}", "${x-W}", "${x#P}", "${x##P}", "${x%P}"],
      [
        "${x/P/W}",
        "${x//P/W}",
        "${x/#P/W}",
        "${x:A}",
        "${x:A:A}",
        "${x: -A}",
        "${n[A]}",
        "${n[@]:A}",
        "${#n[A]}",
        "${x^^P}",
      ],
      [
        "$(C)",
        "B",
        "$((A))",
        "$[A]",
        "<(C)",
        "@(P|P)",
        "+(P)",
        "!(P)",
        "?(P)",
        "*(P)x",
        "{W,W}",
        "a=W",
        "[W]",
        "$( C )",
      ],
      [
        "${n[A]:-W}",
        "${!x}",
        "${!n[@]}",
        "${x@Q}",
        "$(C # it's\n)",
        "$(cat <<end\nH\nend\n)",
        "x\\\nW",
        "$((C) | C)",
        "$( (C) )",
      ],
    ],
  },
  D: {
    ends: ["it's", "a; b", "(", "#", "\\$", '\\"', "$x", "}", "a\\\nb", "`", "\\`", "$"],
    goesOn: [
      ["DD", "$(C)", "B", "${x:-D}", '${x:-"D"}', '${x#"P"}', "${x#'}'}", "${x%P}", "'D'", "$((A))", "$[A]", "${n[A]}"],
      ["${x:A}", "${x/P/W}", "${x:-'D'}", "$(C\n)", "{D,D}", "@(D)", "${x:+$(C)}", "${x//\\}/D}"],
    ],
  },
  A: {
    ends: ["1", "i", "i<3", "i++", "$x", "1<<2", "16#ff", "a[0]", "${#n[@]}", ""],
    goesOn: [
      [
        "A+A",
        "(A)",
        "A?A:A",
        "${x:-A}",
        "$(C)",
        "B",
        "a[A]",
        "i=A",
        '"A"',
        "$((A))",
        "A,A",
        " A ",
        "A\n+A",
        "a[a[0]A]",
        "A && A",
      ],
      ["$(C | C)", "A<A", "'A'", "$[A]", "a[$(C)]=A", "A>=(A)"],
    ],
  },
  T: {
    ends: ["-n x", "x", "-v x", "$x == y"],
    goesOn: [
      [
        "-f W",
        "W == P",
        "W != P",
        "W = P",
        "W =~ R",
        "! T",
        "T && T",
        "T || T",
        "( T )",
        "(T)",
        "A -eq A",
        "W < W",
        "W > W",
      ],
      ["T\n&& T", "T &&\nT", '-z "D"', "W -nt W", "W", "-v n[A]"],
    ],
  },
  P: {
    ends: ["x", "*", "*.ts", "[a-z]", "'a)'", "[[:alpha:]]", "\\)", '"|"', "a#b", "?"],
    goesOn: [["W", "@(P|P)", "!(P)", "?(P)x", '"D"', "PP", "[$(C)]", "+([0-9])P", "@()", "*(P|P)"]],
  },
  R: {
    ends: ["^x$", "[0-9]+", "\\(", "x.*", "^[[:space:]]*$"],
    goesOn: [["(x|W)", "W", "^(W)$", "(#W)", "R(R)?", "x|W", '"D"R', "[W]", "((R)|R)", "( W)"]],
  },
  H: {
    ends: ["it's", "$x", '"', "(", "a\\\nb", "#", "\\$x", "en\\\nx"],
    goesOn: [
      ["$(C)", "B", "${x:-W}", "H\nH", "'$(C)'", '"$(C)"', "\\$(C)", "$((A))", '${x:-"D"}', "${n[A]}", "$(C\n)"],
    ],
  },
};

const texts = new Map<string, fc.Memo<string>>();

/** A text of one rule. */
function of(letter: string): fc.Memo<string> {
  const known = texts.get(letter);
  if (known !== undefined) return known;
  const made = fc.memo((depth): fc.Arbitrary<string> => {
    if (letter === "B") return backticks(depth);
    const { ends, goesOn } = RULES[letter] ?? { ends: [], goesOn: [] };
    const last = fc.constantFrom(...ends);
    if (depth <= 1) return last;
    const more = fc
      .constantFrom(...goesOn)
      .chain((row) => fc.constantFrom(...row))
      .chain((template) => filled(template, depth));
    return fc.oneof({ arbitrary: last, weight: 1 }, { arbitrary: more, weight: 2 });
  });
  texts.set(letter, made);
  return made;
}

function filled(template: string, depth: number): fc.Arbitrary<string> {
  const pieces = template.split(/([CWDATPRHB])/);
  return fc
    .tuple(...pieces.map((piece, at) => (at % 2 === 0 ? fc.constant(piece) : of(piece)(depth - 1))))
    .map((parts) => parts.join(""));
}

/** A command in backticks, escaped as deep as it is nested. */
function backticks(depth: number): fc.Arbitrary<string> {
  return of("C")(depth).map((text) => `\`${text.replace(/[\\`]/g, "\\$&")}\``);
}

/** A script with holes, and the number of the hole that gets the probe. */
const holed = fc.tuple(of("C")(DEPTH), fc.nat(40));

export interface Planted {
  /** The script with the probe in it. */
  readonly script: string;
  /** The same with a harmless command in its place. */
  readonly harmless: string;
}

/** Puts the probe into one of the holes. */
function plant([text, choice]: readonly [string, number]): Planted {
  const pieces = text.split(HOLE);
  const chosen = choice % Math.max(1, pieces.length - 1);
  const fill = (probe: string): string =>
    pieces.map((piece, at) => (at === 0 ? piece : (at - 1 === chosen ? probe : HARMLESS) + piece)).join("");
  return { script: fill(PROBE), harmless: fill(HARMLESS) };
}

export const plantedScript: fc.Arbitrary<Planted> = holed.map(plant);

/** A command of the list with a substitution put in anywhere. */
export function plantedInto(commands: readonly string[]): fc.Arbitrary<Planted> {
  const shapes = [
    `$(${HOLE})`,
    `\`${HOLE}\``,
    `<(${HOLE})`,
    `; ${HOLE};`,
    `\n${HOLE}\n`,
    `\${x:-$(${HOLE})}`,
    `a[$(${HOLE})]`,
  ];
  return fc
    .tuple(fc.constantFrom(...commands), fc.nat(4000), fc.constantFrom(...shapes))
    .map(([command, place, shape]) => {
      const at = place % (command.length + 1);
      return plant([command.slice(0, at) + shape + command.slice(at), 0]);
    });
}

interface Oracle {
  readonly runsProbe: boolean;
  readonly faulty: boolean;
}

/** What unbash sees in a script: the probe as a command of its own; and whether it could read all of it. */
export function oracle(script: string): Oracle {
  let runsProbe = false;
  let faulty = false;
  const look = (node: SyntaxNode): void => {
    if (node.type === "Script" && node.errors !== undefined) faulty = true;
    if (node.type === "Command" && node.name?.text === "rm")
      runsProbe ||= node.suffix.some((one) => one.type === "Word" && one.text === CLOSED);
    forEachChild(node, look);
  };
  look(parse(script));
  return { runsProbe, faulty };
}
