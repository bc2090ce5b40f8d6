// Durations as people write them in the spec: `10m`, `500ms`.

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `10m` as milliseconds; the schema has checked the form. */
export function milliseconds(text: string): number {
  const unit = /[a-z]+$/.exec(text)?.[0] ?? "ms";
  return Number.parseInt(text, 10) * (UNITS[unit] ?? 1);
}
