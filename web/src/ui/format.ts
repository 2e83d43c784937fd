import type { Language } from "./language/language.ts";

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Below this, one decimal of a second says nothing. */
const SHORTEST_SHOWN_MS = 50;

const UNIT_NAMES = { second: { en: "s", ko: "초" }, minute: { en: "min", ko: "분" } } as const;

const join = (number: string, unit: string, language: Language): string =>
  language === "ko" ? `${number}${unit}` : `${number} ${unit}`;

/** How long something took: `< 0.1 s`, `0.4 s`, `12 s`, `2 min 5 s`. */
export function duration(ms: number, language: Language): string {
  if (ms < SHORTEST_SHOWN_MS) return language === "ko" ? "0.1초 미만" : "< 0.1 s";
  const seconds = ms / SECOND_MS;
  if (seconds < 9.95) return join(seconds.toFixed(1), UNIT_NAMES.second[language], language);
  const whole = Math.round(seconds);
  if (whole < 60) return join(String(whole), UNIT_NAMES.second[language], language);
  const minutes = join(String(Math.floor(whole / 60)), UNIT_NAMES.minute[language], language);
  return `${minutes} ${join(String(whole % 60), UNIT_NAMES.second[language], language)}`;
}

const BYTE_UNITS = ["B", "kB", "MB", "GB", "TB"] as const;

/** Bytes in decimal units, as Docker shows them: `0 B`, `4.1 kB`, `128 MB`. */
export function bytes(count: number): string {
  let value = count;
  let unit = 0;
  while (value >= 999.5 && unit < BYTE_UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const text = unit === 0 || value >= 99.5 ? String(Math.round(value)) : String(Number(value.toPrecision(2)));
  return `${text} ${BYTE_UNITS[unit]}`;
}

/** Memory in binary units, as limits are given: `512 MiB`, `2 GiB`. */
export function binaryBytes(count: number): string {
  const mebibytes = count / 1024 ** 2;
  return mebibytes < 1024 ? `${Math.round(mebibytes)} MiB` : `${Number((mebibytes / 1024).toFixed(1))} GiB`;
}

/** Time that is left, as on a clock: `4:05`, `1:04:05`. Never below zero. */
export function clock(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / SECOND_MS));
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  const tail = String(seconds % 60).padStart(2, "0");
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, "0")}:${tail}` : `${minutes}:${tail}`;
}

/** When something was, as people say it: `3 minutes ago`, `yesterday`. */
export function timeAgo(then: number, now: number, language: Language): string {
  const format = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
  const past = Math.max(0, now - then);
  if (past < MINUTE_MS) return format.format(0, "second");
  if (past < HOUR_MS) return format.format(-Math.floor(past / MINUTE_MS), "minute");
  if (past < DAY_MS) return format.format(-Math.floor(past / HOUR_MS), "hour");
  return format.format(-Math.floor(past / DAY_MS), "day");
}
