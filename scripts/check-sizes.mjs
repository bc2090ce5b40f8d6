// Holds the sizes: no file over 300 lines, no function over 60. A room that needs more wants a wall.
import ts from "typescript";
import { codeFiles, finish, parse, placeOf, walk } from "./syntax.mjs";

const FILE_LINES = 300;
const FUNCTION_LINES = 60;

function lineCount(source) {
  const lines = source.getLineStarts().length;
  return source.text.endsWith("\n") ? lines - 1 : lines;
}

function functionName(node) {
  const named = node.name ?? node.parent?.name;
  return named && ts.isIdentifier(named) ? named.text : "a function";
}

/** Findings of one file. The callbacks of `describe` and `test` are lists, not logic: only their file is measured. */
function checkFile(file) {
  const source = parse(file);
  const found = [];
  const lines = lineCount(source);
  if (lines > FILE_LINES) found.push(`${file}: ${lines} lines, at most ${FILE_LINES}`);
  if (file.startsWith("test/")) return found;
  walk(source, (node) => {
    if (!ts.isFunctionLike(node) || !node.body) return;
    const first = source.getLineAndCharacterOfPosition(node.getStart(source)).line;
    const last = source.getLineAndCharacterOfPosition(node.end).line;
    const length = last - first + 1;
    if (length > FUNCTION_LINES) {
      found.push(`${placeOf(source, node)}: ${functionName(node)} has ${length} lines, at most ${FUNCTION_LINES}`);
    }
  });
  return found;
}

finish(codeFiles(["src", "scripts", "test"]).flatMap(checkFile));
