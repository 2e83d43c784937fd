import { EngineError } from "./engine-error.ts";

const UNITS_MS: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 };

/** A moment in one of the forms that Docker takes; its 400 for another one. */
export function momentOf(value: string, nowMs: number): number {
  if (/^\d+(\.\d+)?$/.test(value)) return Number(value) * 1000;
  if (/^(?:\d+(?:\.\d+)?(?:h|ms|m|s))+$/.test(value)) {
    let ago = 0;
    for (const [, amount, unit = ""] of value.matchAll(/(\d+(?:\.\d+)?)(h|ms|m|s)/g))
      ago += Number(amount) * (UNITS_MS[unit] ?? 0);
    return nowMs - ago;
  }
  const time = Date.parse(value);
  if (/^\d{4}-\d{2}-\d{2}/.test(value) && !Number.isNaN(time)) return time;
  throw new EngineError(400, `failed to parse value as time or duration: "${value.slice(0, 100)}"`);
}
