// Codes E2xx and W2xx: template.
import type { CodeTable } from "./code.ts";

export const templateCodes: CodeTable = {
  E200: {
    title: "A file of the fleet names a template that is not there",
    meaning: "fleet.yaml lists a template by name; no file of that name lies in the templates folder.",
    remedy: "Create the file, or correct the name under files: in fleet.yaml.",
  },
  E201: {
    title: "Liquid cannot read the template",
    meaning: "A tag or an output is not closed, an end tag has no beginning, or an expression is not one.",
    remedy: "Mend the place that is named: every {{ needs its }}, every {% if %} its {% endif %}.",
  },
  E202: {
    title: "Unknown variable",
    meaning:
      "The template names a variable that does not exist. It would render as nothing, and nobody would see that it does.",
    remedy:
      "Correct the name. The roots are agent, fleet, agents, variables and, in *.local.* targets and session commands, project. What may be missing is tested with {% if variables.x %} or given a value with | default.",
  },
  E203: {
    title: "Unknown filter",
    meaning:
      "Only filters that depend on nothing but their input are there: none reads a clock, a locale or chance, or runs an expression.",
    remedy: "Use one of the filters the hint lists; templates/README.md describes our own ones.",
  },
  E204: {
    title: "Unknown tag",
    meaning: "The tag does not exist, or is left out because it keeps state between places or loads layouts.",
    remedy: "Use assign, capture, case, comment, echo, for, if, include, raw, render or unless.",
  },
  E205: {
    title: "An include that leads nowhere",
    meaning: "include and render reach only files of the templates folder, named by a plain text in quotes.",
    remedy: "Write {% render 'name.md' %} with the name of a file in the templates folder.",
  },
  E206: {
    title: "A loop of includes",
    meaning: "A template includes itself, directly or through others. The message shows the chain.",
    remedy: "Take one of the includes out of the circle.",
  },
  E207: {
    title: "Rendering takes too long",
    meaning: "One file of one agent may take 2 seconds. A template that needs more is usually a loop inside a loop.",
    remedy: "Look for nested loops over agents, or for a range that is far too long.",
  },
  E208: {
    title: "Rendering makes too much",
    meaning: "One file of one agent may have 1 MiB, and what filters and ranges make on the way is limited as well.",
    remedy: "Look for a loop that prints a long value again and again.",
  },
  E209: {
    title: "A filter or tag failed",
    meaning: "The template can be read, but with this agent's values a filter or tag cannot do its work.",
    remedy: "Look at the value the filter is given; the message names the agent.",
  },
  E210: {
    title: "A JSON template is not JSON",
    meaning:
      "The template of a target that ends in .json is read as strict JSON before anything is filled in: so no value can break it. Comments, trailing commas and expressions outside of strings are not JSON.",
    remedy:
      'Put expressions into strings. A string that is one expression, like "{{ agent.tools }}", becomes a list by itself.',
  },
  E211: {
    title: "A key of a JSON template cannot stay",
    meaning: "The key stands twice in one object, or its name reaches the prototype of objects.",
    remedy: "Take one of them out, or rename the key.",
  },
  E212: {
    title: "An expression in a key of a JSON template",
    meaning: "Only values are rendered. A key that looks like an expression would be written as it is.",
    remedy: "Write the key out, or let an expression give the whole object.",
  },
  E213: {
    title: "A value that cannot be written",
    meaning: "An object was printed into a text, or a value has no form in JSON.",
    remedy: "Name one of its fields, or use the filter json.",
  },
  E214: {
    title: "A machine's path in a committed file",
    meaning:
      "project.root and its siblings differ on every machine. In a file that is committed they would make every clone differ.",
    remedy: "Use them in a *.local.* target or in the session's command; elsewhere use relative paths.",
  },
  E215: {
    title: "Unknown variable in a *.template file",
    meaning:
      "Files named *.template use ${NAME}. The name is none of theirs and none of the configuration's variables.",
    remedy: "Correct the name, or add it to variables in rollcall.config.yaml. $NAME without braces is plain text.",
  },
  E216: {
    title: "A target that is no file of its agent",
    meaning: "A target is a relative path inside the agent's folder, also after values are filled in.",
    remedy: "Write a path like .claude/CLAUDE.md.",
  },
  E217: {
    title: "Two outputs for one path",
    meaning: "Two files of one agent, or a file and the hook, have the same path, or one path lies below the other.",
    remedy: "Give one of them another target.",
  },
  E218: {
    title: "A target on a reserved path",
    meaning:
      "Git's folder, the lock file, the state folder and our own temporary names are never written by a template.",
    remedy: "Choose another target.",
  },
  E219: {
    title: "A block contains our own mark",
    meaning: "The marks bound the part of the file that is ours. A mark inside it would end it early.",
    remedy: "Take the mark out of the template or of the value that brings it; it is set by itself.",
  },
  E220: {
    title: "merge: keys without an object",
    meaning: "merge: keys owns the keys of a JSON object, so the target ends in .json and its template is an object.",
    remedy: "Use merge: whole or block, or make the template a JSON object.",
  },
  W201: {
    title: "A list is printed without anything between its elements",
    meaning: "Printed into a text, the elements of a list run together.",
    remedy: 'Use | join: ", " or a for loop.',
  },
  W202: {
    title: "A machine's path in a committed file",
    meaning:
      "The variable of the original system writes a path of this machine into a file that is committed. It is allowed there so that old templates go on working.",
    remedy: "Use a relative path, or render to a *.local.* target.",
  },
  W203: {
    title: "A registry field renders nowhere",
    meaning:
      "The field has values in the registry, but no template and no session command shows it: changing it changes nothing.",
    remedy: "Use it in a template, or in the session's command.",
  },
};
