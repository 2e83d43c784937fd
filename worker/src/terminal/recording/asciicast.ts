import type { TerminalSize } from "@slipway/protocol";

/*
 * Lines of an asciicast file, version 3 (docs.asciinema.org, "asciicast v3"): a header, then one event a line. An event is its
 * time since the one before, in seconds, a letter and a text.
 */

const line = (value: unknown): string => `${JSON.stringify(value)}\n`;

/** `startedAt`: milliseconds since the epoch. */
export function header({ cols, rows }: TerminalSize, startedAt: number): string {
  const term = { cols, rows, type: "xterm-256color" };
  return line({ version: 3, term, timestamp: Math.floor(startedAt / 1000) });
}

/** Output, resize, marker, or exit, `sinceMs` after the event before. */
export type CastEvent =
  | { readonly kind: "output"; readonly text: string }
  | { readonly kind: "resize"; readonly size: TerminalSize }
  | { readonly kind: "marker"; readonly label: string }
  | { readonly kind: "exit"; readonly exitCode: number };

export function eventLine(event: CastEvent, sinceMs: number): string {
  const interval = Math.max(0, Math.round(sinceMs)) / 1000;
  switch (event.kind) {
    case "output":
      return line([interval, "o", event.text]);
    case "resize":
      return line([interval, "r", `${event.size.cols}x${event.size.rows}`]);
    case "marker":
      return line([interval, "m", event.label]);
    case "exit":
      return line([interval, "x", `${event.exitCode}`]);
  }
}
