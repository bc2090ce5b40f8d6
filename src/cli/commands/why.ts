// `rollcall why FILE[#/pointer | :LINE]`: where a file or a part of it comes from. Looks only.

import type { Project } from "../../app/project.ts";
import { type Answer, answerFor } from "../../app/provenance/answer.ts";
import { type Subject, subjectOf } from "../../app/provenance/target.ts";
import { answerText } from "../../app/provenance/text.ts";
import { answerElsewhere } from "../../app/provenance/unowned.ts";
import { jsonDocument } from "../../report/json.ts";
import type { CommandContext } from "../command-context.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { openHere } from "../opened.ts";

/** Exit 64 with a suggestion when there is no such file, key or line. */
export async function whyCommand({
  io,
  options,
  args: [word = ""],
}: CommandContext<{ readonly output: "text" | "json" }>): Promise<ExitCode> {
  const project = await openHere(io, { mayUseCache: true });
  const answer = await answerOf(project, subjectOf(project, word));
  if (options.output === "json") io.print(jsonDocument(answer));
  else io.print(answerText(answer, io.stdout.paint));
  return EXIT.done;
}

async function answerOf(project: Project, subject: Subject): Promise<Answer> {
  const { role } = subject;
  return role.is === "resource"
    ? answerFor(project, subject, role.address, role.agent)
    : answerElsewhere(project, subject, role);
}
