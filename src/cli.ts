// The command `rollcall`. Nothing heavy is loaded here: each of its commands brings its own.
import { main } from "./commands/main.ts";
import { rollcallProgram } from "./commands/program.ts";

void main(rollcallProgram);
