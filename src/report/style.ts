// Colour, decided once per stream and handed to the reports; the meaning never hangs on it.
import { styleText } from "node:util";

type Format = Parameters<typeof styleText>[0];

/** Paints text, or leaves it. */
export type Paint = (format: Format, text: string) => string;

/** A painter for one stream. `on` comes from flags, NO_COLOR and whether the stream is a terminal. */
export function painter(on: boolean): Paint {
  return on ? (format, text) => styleText(format, text, { validateStream: false }) : (_format, text) => text;
}
