const UNITS: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  μs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
};

const PART = /(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/y;

/** Characters of a duration that are read. */
const MAX_CHARACTERS = 64;
/** Largest duration of Go: 2^63 - 1 nanoseconds. */
const MAX_NANOSECONDS = 2 ** 63;

/** Nanoseconds of a duration in Go's notation (`1m30s`, `500ms`), or null where it is none (time.ParseDuration). */
export function parseDuration(text: string): number | null {
  if (text.length > MAX_CHARACTERS) return null;
  const sign = /^[-+]/.exec(text)?.[0] ?? "";
  const rest = text.slice(sign.length);
  if (rest === "0") return 0;
  let nanoseconds = 0;
  let at = 0;
  while (at < rest.length) {
    PART.lastIndex = at;
    const match = PART.exec(rest);
    if (!match) return null;
    nanoseconds += Number(match[1]) * (UNITS[match[2] ?? ""] ?? Number.NaN);
    at = PART.lastIndex;
  }
  if (rest === "" || nanoseconds >= MAX_NANOSECONDS) return null;
  return sign === "-" ? -Math.floor(nanoseconds) : Math.floor(nanoseconds);
}
