// The command `rollcall`. Nothing heavy is loaded here: each of its commands brings its own.
import { main } from "./cli/main.ts";
import { rollcallProgram } from "./cli/program.ts";

void main(rollcallProgram);
