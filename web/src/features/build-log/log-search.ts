import { plainRow } from "./ansi.ts";
import type { Step } from "./build-log.ts";
import { linesOf } from "./log-lines.ts";

/** Most rows that a search finds. */
export const MAX_FOUND = 10_000;
/** Rows that are looked at before others get a turn. */
const ROWS_PER_TURN = 20_000;

export interface Place {
  readonly step: number;
  readonly row: number;
}

/** Words as they are compared: letters of any case are the same. */
export const queryOf = (written: string): string => written.trim().toLowerCase();

/** All rows of all steps that have the words, in their order. Lets others go on between; ends early when `signal` is aborted. */
export async function search(steps: readonly Step[], query: string, signal: AbortSignal): Promise<Place[]> {
  const places: Place[] = [];
  if (query === "") return places;
  for (const step of steps) {
    const lines = linesOf(step.output);
    for (let row = 0; row < lines.count; row += 1) {
      if (row > 0 && row % ROWS_PER_TURN === 0) await new Promise((resolve) => setTimeout(resolve));
      if (signal.aborted || places.length >= MAX_FOUND) return places;
      if (plainRow(lines.row(row)).toLowerCase().includes(query)) places.push({ step: step.index, row });
    }
  }
  return places;
}

export interface Part {
  readonly text: string;
  readonly hit: boolean;
  readonly at: number;
}

/** A text cut where the words are. */
export function partsOf(text: string, query: string): Part[] {
  const low = text.toLowerCase();
  // A few letters change their length with their case; such a text is not marked.
  if (query === "" || low.length !== text.length) return [{ text, hit: false, at: 0 }];
  const parts: Part[] = [];
  let from = 0;
  for (let at = low.indexOf(query); at >= 0; at = low.indexOf(query, from)) {
    if (at > from) parts.push({ text: text.slice(from, at), hit: false, at: from });
    parts.push({ text: text.slice(at, at + query.length), hit: true, at });
    from = at + query.length;
  }
  if (from < text.length) parts.push({ text: text.slice(from), hit: false, at: from });
  return parts;
}
