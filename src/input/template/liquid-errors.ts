// Reads what LiquidJS throws: all faults of one parse or render, each with its kind and its place in the text.

import { didYouMean } from "../../model/nearest.ts";
import { ListInTextError, NoFormError, OutputLimitError } from "./emitters.ts";
import type { Finding } from "./findings.ts";
import { ShapeError } from "./limits.ts";

/** One fault. `begin` is an offset into `input`, the text LiquidJS was reading (a template's or a partial's). */
export interface Fault extends Finding {
  readonly input: string;
  readonly begin: number;
  /** Rendering this template again is of no use (it costs the limit each time). */
  readonly costly: boolean;
}

/** The part of LiquidJS's errors we rely on; checked, because their classes are the library's own. */
interface LiquidFault {
  readonly name: string;
  readonly message: string;
  readonly token: { readonly input: string; readonly begin: number; getText(): string };
  readonly originalError?: unknown;
}

function isLiquidFault(error: unknown): error is LiquidFault {
  if (!(error instanceof Error) || !("token" in error)) return false;
  const { token } = error;
  return typeof token === "object" && token !== null && "input" in token && "begin" in token;
}

export interface KnownNames {
  readonly filters: readonly string[];
  readonly tags: readonly string[];
  /** What may follow a path that ends in an unknown part; for hints. */
  children(path: readonly string[]): Iterable<string>;
}

/** All faults in a thrown error. Anything that LiquidJS did not throw is a bug of ours and is thrown on. */
export function faultsOf(error: unknown, known: KnownNames): Fault[] {
  if (error instanceof ShapeError) {
    const { input, begin, message, hint } = error;
    return [{ input, begin, code: "E201", message, hint, costly: false }];
  }
  if (error instanceof AggregateError) return error.errors.flatMap((one: unknown) => faultsOf(one, known));
  if (!isLiquidFault(error)) throw error;
  const many = "errors" in error && Array.isArray(error.errors) ? error.errors : undefined;
  if (many) return many.flatMap((one) => faultsOf(one, known));
  return [faultOf(error, known)];
}

function faultOf(error: LiquidFault, known: KnownNames): Fault {
  const { token, originalError: thrown } = error;
  const message = thrown instanceof Error ? thrown.message : error.message;
  const text = message.replace(/(?:, file:.*?)?, line:\d+, col:\d+$/s, "");
  const place = { input: token.input, begin: token.begin, costly: false };
  if (error.name === "UndefinedVariableError") {
    return { ...place, ...unknownVariable(text.replace(/^undefined variable: /, ""), known) };
  }
  const filter = /^undefined filter: (.+)$/s.exec(text)?.[1];
  if (filter !== undefined) {
    const begin = token.begin + filterOffset(token.getText(), filter);
    return { ...place, begin, ...unknownFilter(filter, known) };
  }
  const tag = /^tag "(.+)" not found$/s.exec(text)?.[1];
  if (tag !== undefined) return { ...place, ...unknownTag(tag, known) };
  if (text.endsWith("limit exceeded")) return { ...place, costly: true, ...limitFault(text) };
  return { ...place, ...otherFault(error, text) };
}

export function unknownVariable(path: string, known: KnownNames): Finding {
  const parts = path.split(".");
  const last = parts.pop() ?? "";
  const hint = didYouMean(last, known.children(parts));
  const whole = hint === undefined || parts.length === 0 ? hint : hint.replace("mean ", `mean ${parts.join(".")}.`);
  return { code: "E202", message: `unknown variable "${path}"`, hint: whole };
}

function unknownFilter(name: string, known: KnownNames): Finding {
  return {
    code: "E203",
    message: `unknown filter "${name}"`,
    hint: didYouMean(name, known.filters) ?? `the filters are ${[...known.filters].sort().join(", ")}`,
  };
}

function unknownTag(name: string, known: KnownNames): Finding {
  if (/^(?:end|else|elsif|when)/.test(name)) {
    return {
      code: "E201",
      message: `{% ${name} %} without the tag it belongs to`,
      hint: "open it first, or take it out",
    };
  }
  return {
    code: "E204",
    message: `unknown tag "${name}"`,
    hint: didYouMean(name, known.tags) ?? `the tags are ${[...known.tags].sort().join(", ")}`,
  };
}

function limitFault(text: string): Finding {
  const time = text.startsWith("template render");
  return {
    code: time ? "E207" : "E208",
    message: time ? "rendering took longer than 2 s" : "rendering needs more memory than it may (16 Mi elements)",
    hint: "look for a loop inside a loop, or a range that is too long",
  };
}

/** The faults our emitters find. */
function ownFault(thrown: unknown): { code: string; hint: string } | undefined {
  if (thrown instanceof OutputLimitError) return { code: "E208", hint: "a file of an agent may have 1 MiB at most" };
  if (thrown instanceof NoFormError) return { code: "E213", hint: "name one of its fields, or use the filter json" };
  if (thrown instanceof ListInTextError) {
    return { code: "W201", hint: 'say what stands between its elements: | join: ", "' };
  }
  return undefined;
}

function otherFault(error: LiquidFault, text: string): Finding & { costly: boolean } {
  const own = ownFault(error.originalError);
  if (own) return { ...own, message: text, costly: own.code === "E208" };
  const parsing = error.name === "ParseError" || error.name === "TokenizationError";
  if (parsing) return { code: "E201", message: `Liquid cannot read this: ${text}`, costly: false };
  return { code: "E209", message: `cannot be rendered: ${text}`, costly: false };
}

/** Where the name of a filter stands in the text of its output or tag. */
function filterOffset(text: string, name: string): number {
  for (let at = text.indexOf("|"); at !== -1; at = text.indexOf("|", at + 1)) {
    const rest = text.slice(at + 1);
    const begin = at + 1 + (rest.length - rest.trimStart().length);
    if (text.startsWith(name, begin) && !/\w/.test(text[begin + name.length] ?? "")) return begin;
  }
  return 0;
}
