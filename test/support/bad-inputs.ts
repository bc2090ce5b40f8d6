// The form of a bad input as a named case, and the words the tables of them are written with.
import { type Files, PLANNER, type Project, registry } from "./spec-fixture.ts";

export interface BadInput {
  /** The row of the list. */
  readonly row: number;
  readonly input: string;
  readonly files?: Files;
  readonly prepare?: (project: Project) => void;
  /** `file:line:col CODE` of every error, in order. */
  readonly errors: readonly string[];
  readonly message?: string | RegExp;
  readonly hint?: string | RegExp;
  /** `file:line:col` of second places. */
  readonly related?: readonly string[];
}

export const REGISTRY = "desired/registry.yaml";
export const FLEET = "desired/fleet.yaml";
export const agents = (text: string): Files => ({ [REGISTRY]: text });
export const fleet = (...lines: readonly string[]): Files => ({ [FLEET]: `${lines.join("\n")}\n` });
export const named = (name: string): string => registry(PLANNER).replaceAll("planning-agent", name);
export const planner = (...lines: readonly string[]): Files => agents(registry({ ...PLANNER, lines }));
