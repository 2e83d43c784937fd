import { setTimeout as sleep } from "node:timers/promises";
import { headerOf, type OutboundResponse } from "../outbound/outbound.ts";
import type { Patience } from "./registry.ts";

/** Answers after which the same question may be asked again (RFC 9110, 15; RFC 6585, 4). */
const PASSING = new Set([408, 425, 429, 500, 502, 503, 504]);

export const isPassing = (status: number): boolean => PASSING.has(status);

/**
 * Time before the next attempt. Random by a half, so that a hundred builds that were turned away together do not come back
 * together.
 */
export function delayMs(attempt: number, patience: Patience, random: () => number = Math.random): number {
  const whole = Math.min(patience.longestDelayMs, patience.firstDelayMs * 2 ** Math.min(attempt, 30));
  return whole * (1 - random() / 2);
}

/** Retry-After, seconds or a date (RFC 9110, 10.2.3), as milliseconds from now; null where there is none. */
export function retryAfterMs(response: Pick<OutboundResponse, "headers">, nowMs: number): number | null {
  const text = headerOf(response, "retry-after");
  if (text === null) return null;
  if (/^\d{1,9}$/.test(text.trim())) return Number(text) * 1000;
  const date = Date.parse(text);
  return Number.isNaN(date) ? null : Math.max(0, date - nowMs);
}

/** Rejects with the signal's reason when that aborts. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, { signal });
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  }
}
