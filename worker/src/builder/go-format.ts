import type { Healthcheck } from "./config.ts";

/*
 * Texts of the history as Go's fmt prints them, because BuildKit does (frontend/dockerfile/dockerfile2llb/convert.go).
 */

const UNITS: readonly (readonly [string, number])[] = [
  ["ms", 1e6],
  ["µs", 1e3],
  ["ns", 1],
];

/** time.Duration.String of nanoseconds: `1m30s`, `1.5s`, `300ms`, `0s`. */
export function goDuration(nanoseconds: number): string {
  if (nanoseconds === 0) return "0s";
  if (nanoseconds < 1e9) {
    const [unit = "ns", size = 1] = UNITS.find(([, unitSize]) => nanoseconds >= unitSize) ?? [];
    return `${decimal(nanoseconds, size)}${unit}`;
  }
  const hours = Math.floor(nanoseconds / 3.6e12);
  const minutes = Math.floor((nanoseconds % 3.6e12) / 6e10);
  const seconds = decimal(nanoseconds % 6e10, 1e9);
  if (hours > 0) return `${hours}h${minutes}m${seconds}s`;
  return minutes > 0 ? `${minutes}m${seconds}s` : `${seconds}s`;
}

function decimal(value: number, unit: number): string {
  const rest = Math.round(value % unit);
  const digits = String(unit).length - 1;
  const fraction = rest === 0 ? "" : `.${String(rest).padStart(digits, "0").replace(/0+$/, "")}`;
  return `${Math.floor(value / unit)}${fraction}`;
}

/** `%q` of a list of strings: `["node" "app.js"]`. */
export function quotedList(items: readonly string[]): string {
  return `[${items.map(quoted).join(" ")}]`;
}

/** Go's escapes are JSON's, but for the control characters that have no letter in JSON (strconv.Quote). */
function quoted(text: string): string {
  return JSON.stringify(text)
    .replaceAll(/\\(?:u00([01][0-9a-f])|.)/g, (escape, hex?: string) =>
      hex === undefined ? escape : (GO_LETTERS.get(hex) ?? `\\x${hex}`),
    )
    .replaceAll("\x7f", "\\x7f");
}

const GO_LETTERS: ReadonlyMap<string, string> = new Map([
  ["07", "\\a"],
  ["0b", "\\v"],
]);

/** `%q` of a pointer to a HealthConfig: `&{["CMD-SHELL" "x"] "30s" "3s" "0s" "0s" '\x03'}`. */
export function quotedHealthcheck(check: Healthcheck): string {
  const times = [check.Interval, check.Timeout, check.StartPeriod, check.StartInterval];
  const shown = times.map((time) => `"${goDuration(time ?? 0)}"`).join(" ");
  return `&{${quotedList(check.Test)} ${shown} ${quotedRune(check.Retries ?? 0)}}`;
}

const ESCAPES: Readonly<Record<number, string>> = {
  7: "\\a",
  8: "\\b",
  9: "\\t",
  10: "\\n",
  11: "\\v",
  12: "\\f",
  13: "\\r",
  39: "\\'",
  92: "\\\\",
};

/** strconv.QuoteRune. */
function quotedRune(code: number): string {
  const escaped = ESCAPES[code];
  if (escaped !== undefined) return `'${escaped}'`;
  if (code >= 32 && code < 127) return `'${String.fromCharCode(code)}'`;
  return `'\\x${code.toString(16).padStart(2, "0")}'`;
}
