import { useCallback, useEffect, useState } from "react";
import { type Arrangement, NO_ARRANGEMENT, tabsOf, withNew } from "./arrangement.ts";

/** Where a browser keeps the arrangements of sessions, and of how many: the last ones. */
const MEMORY = "slipway-terminals";
const MOST_SESSIONS = 20;

export interface ArrangementControl {
  readonly arrangement: Arrangement;
  readonly tabs: readonly (readonly string[])[];
  /** Changes it as it lies at this moment. */
  change(how: (arrangement: Arrangement) => Arrangement): void;
}

/** How the terminals of a session lie, remembered by the browser. `key` names the session. */
export function useArrangement(key: string, terminals: readonly string[]): ArrangementControl {
  const [arrangement, setArrangement] = useState(() => recall(key));
  useEffect(() => {
    if (arrangement !== NO_ARRANGEMENT) remember(key, arrangement);
  }, [key, arrangement]);
  const there = terminals.join(" ");
  const change = useCallback(
    (how: (arrangement: Arrangement) => Arrangement) =>
      setArrangement((last) => how({ ...last, tabs: withNew(last, there === "" ? [] : there.split(" ")) })),
    [there],
  );
  return { arrangement, tabs: tabsOf(arrangement, terminals), change };
}

type Memory = readonly { readonly key: string; readonly arrangement: Arrangement }[];

function recallAll(): Memory {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(MEMORY) ?? "[]");
    return Array.isArray(kept) ? kept.filter(isKept) : [];
  } catch {
    return [];
  }
}

const recall = (key: string): Arrangement =>
  recallAll().find((kept) => kept.key === key)?.arrangement ?? NO_ARRANGEMENT;

function remember(key: string, arrangement: Arrangement): void {
  const others = recallAll().filter((kept) => kept.key !== key);
  try {
    localStorage.setItem(MEMORY, JSON.stringify([...others, { key, arrangement }].slice(-MOST_SESSIONS)));
  } catch {
    // A browser that keeps nothing shows them as they come at the next visit.
  }
}

const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((item) => typeof item === "string");

function isKept(value: unknown): value is Memory[number] {
  const { key, arrangement } = (value ?? {}) as { key?: unknown; arrangement?: Partial<Arrangement> };
  return (
    typeof key === "string" &&
    typeof arrangement === "object" &&
    arrangement !== null &&
    Array.isArray(arrangement.tabs) &&
    arrangement.tabs.every(isTexts) &&
    isTexts(arrangement.closed) &&
    isTexts(Object.values(arrangement.names ?? {})) &&
    (arrangement.active === null || typeof arrangement.active === "string")
  );
}
