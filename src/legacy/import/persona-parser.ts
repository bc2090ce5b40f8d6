// A CLAUDE.md read by its headings and sentences: of our own template, of the original's shape, or of a person's.

import { defined } from "../../model/defined.ts";
import { type Evidence, oneLine, wordsOf } from "./extracted-fields.ts";

interface Section {
  readonly title: string;
  readonly lines: readonly string[];
}

type Topic = "forbidden" | "responsibilities" | "tools" | "delegates" | "exclusive" | "closed";

/** What a heading is about; the first that fits. */
const TOPICS: readonly (readonly [Topic, RegExp])[] = [
  ["forbidden", /\b(never|forbidden|must not|don't|do not|prohibited)\b/i],
  ["delegates", /\b(delegat\w*|hand(ing)? (work )?on|hand-?offs?|sub-?agents)\b/i],
  ["exclusive", /\b(exclusive\w*|yours alone|only you)\b/i],
  ["closed", /\b(cannot|can't|closed|restrict\w*|access|where you may)\b/i],
  ["tools", /\btools?\b/i],
  ["responsibilities", /\b(responsibilit\w*|duties|your work|work|tasks|what you do)\b/i],
];

/** Everything a page tells. What is not said stays unknown; nothing is guessed from prose. */
export function readPage(text: string): Evidence {
  const sections = sectionsOf(
    text
      .replace(/^\uFEFF/, "")
      .replaceAll("\r\n", "\n")
      .replaceAll("\\n", "\n"),
  );
  const [top] = sections;
  const of = (topic: Topic): Section | undefined => sections.slice(1).find((one) => topicOf(one.title) === topic);
  const limits = limitsOf(of("closed"));
  return defined({
    ...identityOf(text, top),
    model: oneLine(
      /^\W*model\W*:\W*([\w.[\]-]+)/im.exec(text)?.[1] ?? /\*\*model\*\*:\s*`?([\w.[\]-]+)/i.exec(text)?.[1],
    ),
    tools: toolsOf(of("tools")),
    delegatesTo: delegatesOf(of("delegates")),
    ...limits,
    exclusiveAccess: limits.exclusiveAccess ?? globItems(of("exclusive")),
    responsibilities: sentencesOf(of("responsibilities")),
    forbidden: sentencesOf(of("forbidden")),
  });
}

function sectionsOf(text: string): Section[] {
  const sections: { title: string; lines: string[] }[] = [{ title: "", lines: [] }];
  for (const line of text.split("\n")) {
    const heading = /^(#{1,6})\s+(.*?)\s*#*$/.exec(line);
    const first = sections[0];
    if (heading && heading[1] === "#" && first?.title === "") first.title = heading[2] ?? "";
    else if (heading) sections.push({ title: heading[2] ?? "", lines: [] });
    else sections.at(-1)?.lines.push(line);
  }
  return sections;
}

function topicOf(title: string): Topic | undefined {
  return TOPICS.find(([, pattern]) => pattern.test(title))?.[0];
}

/** Title, name and description from what stands before the first section. */
function identityOf(text: string, top: Section | undefined): Evidence {
  const lead = top?.lines.join("\n") ?? "";
  const own = /^You are `([^`]+)`, one agent of the fleet [a-z0-9-]+\. (.+)$/m.exec(lead);
  const named = /\*\*(?:agent|name)\*\*:\s*`?([a-z0-9][a-z0-9-]*)/i.exec(text)?.[1];
  const described = /\*\*(?:description|role|purpose)\*\*:\s*(.+)/i.exec(lead)?.[1];
  const paragraph = lead
    .split(/\n{2,}/)
    .map((one) => one.trim())
    .find((one) => /^[\p{L}"'(]/u.test(one) && !/^(built|read|see|you are|this page|model|agent)\b/i.test(one));
  return defined({
    name: oneLine(own?.[1] ?? named),
    displayName: oneLine(top?.title),
    description: oneLine(own?.[2] ?? described ?? paragraph),
  });
}

const NOTHING_SAID: readonly string[] = [];

/** Items of a list; a line that goes on below its item belongs to it. */
function itemsOf(section: Section | undefined): string[] {
  const items: string[] = [];
  for (const line of section?.lines ?? []) {
    const item = /^\s*[-*+]\s+(.*)$/.exec(line)?.[1];
    if (item !== undefined) items.push(item);
    else if (/^\s{2,}\S/.test(line) && items.length > 0) items.push(`${items.pop() ?? ""} ${line.trim()}`);
  }
  return items;
}

function quotedIn(text: string): string[] {
  return [...text.matchAll(/`([^`]+)`/g)].map(([, word = ""]) => word);
}

function sentencesOf(section: Section | undefined): readonly string[] | undefined {
  if (section === undefined) return undefined;
  return wordsOf(itemsOf(section));
}

function toolsOf(section: Section | undefined): readonly string[] | undefined {
  if (section === undefined) return undefined;
  const text = section.lines.join("\n");
  const quoted = quotedIn(text);
  if (quoted.length > 0) return wordsOf(quoted);
  const items = itemsOf(section);
  const listed = items.length > 0 ? items : text.split(/[,\n]/);
  const tools = wordsOf(listed).filter((word) => /^[A-Za-z][\w*()./:-]*$/.test(word));
  // "You may only call tools that touch nothing outside": said, and none.
  return tools.length > 0 || /\(none\)|only call tools/i.test(text) ? tools : undefined;
}

function delegatesOf(section: Section | undefined): readonly string[] | undefined {
  if (section === undefined) return undefined;
  const text = section.lines.join("\n");
  const named = [...quotedIn(text), ...itemsOf(section)].filter((word) => /^[a-z0-9][a-z0-9-]{0,62}$/.test(word));
  return named.length > 0 ? wordsOf(named) : /no other agents|nobody|\(none\)/i.test(text) ? NOTHING_SAID : undefined;
}

/** The borders of our own page name each sort in its own item; elsewhere every item is a closed path. */
function limitsOf(section: Section | undefined): Evidence {
  if (section === undefined) return {};
  const items = itemsOf(section);
  const own = items.find((item) => /^yours alone/i.test(item));
  const closed = items.find((item) => /^closed to you/i.test(item));
  const others = items.flatMap((item) => {
    const [owner, ...globs] = /^only `[^`]+` writes in/i.test(item) ? quotedIn(item) : [];
    return owner === undefined ? [] : [{ owner, globs }];
  });
  const isOwn =
    own !== undefined ||
    closed !== undefined ||
    others.length > 0 ||
    /^- Nobody writes in/m.test(section.lines.join("\n"));
  if (!isOwn) return defined({ cannotAccess: globItems(section) });
  return {
    cannotAccess: wordsOf(quotedIn(closed ?? "")),
    exclusiveAccess: wordsOf(quotedIn(own ?? "")),
    ownedElsewhere: others,
  };
}

/** Items that are paths or patterns; a sentence is none. */
function globItems(section: Section | undefined): readonly string[] | undefined {
  if (section === undefined) return undefined;
  const items = itemsOf(section).map((item) => item.replaceAll("`", "").trim());
  const globs = wordsOf(items).filter((item) => !/\s/.test(item));
  return globs.length > 0 || /\(none\)/.test(section.lines.join("\n")) ? globs : undefined;
}
