/**
 * How the terminals of a session lie: tabs, each of one terminal or of several side by side. It may name terminals that are
 * not there yet, or not any more; whoever shows it leaves those out.
 */
export interface Arrangement {
  readonly tabs: readonly (readonly string[])[];
  /** What people call them, by terminal. */
  readonly names: Readonly<Record<string, string>>;
  /** Terminals that have ended and were closed. */
  readonly closed: readonly string[];
  /** The terminal that was last in use; its tab is in front. Null: nobody chose. */
  readonly active: string | null;
}

export const NO_ARRANGEMENT: Arrangement = { tabs: [], names: {}, closed: [], active: null };

/** Longest name, characters. */
export const NAME_CHARACTERS = 40;

/** The tabs of those terminals that are there: new ones get a tab of their own at the end. */
export function tabsOf(
  arrangement: Pick<Arrangement, "tabs" | "closed">,
  terminals: readonly string[],
): readonly (readonly string[])[] {
  return only(withNew(arrangement, terminals), (id) => terminals.includes(id));
}

/**
 * All tabs that are known, before a change of them: a terminal that was just opened has its place before it is told to be there, and
 * keeps it.
 */
export function withNew(
  { tabs, closed }: Pick<Arrangement, "tabs" | "closed">,
  terminals: readonly string[],
): readonly (readonly string[])[] {
  const known = new Set(tabs.flat());
  const all = [...tabs, ...terminals.filter((id) => !known.has(id)).map((id) => [id])];
  return only(all, (id) => !closed.includes(id));
}

const only = (tabs: Arrangement["tabs"], isKept: (id: string) => boolean): readonly (readonly string[])[] =>
  tabs.map((tab) => tab.filter(isKept)).filter((tab) => tab.length > 0);

/** Puts a terminal beside another one, to its right, wherever it was before. */
export function beside(arrangement: Arrangement, terminal: string, neighbour: string): Arrangement {
  const rest = without(arrangement.tabs, terminal);
  const tabs = rest.some((tab) => tab.includes(neighbour)) ? rest : [...rest, [neighbour]];
  return {
    ...arrangement,
    tabs: tabs.map((tab) => tab.flatMap((id) => (id === neighbour ? [id, terminal] : [id]))),
    active: terminal,
  };
}

/** Gives a terminal a tab of its own, right after the one that it was in. */
export function apart({ tabs, ...rest }: Arrangement, terminal: string): Arrangement {
  const moved = tabs.flatMap((tab) =>
    tab.includes(terminal) && tab.length > 1 ? [tab.filter((id) => id !== terminal), [terminal]] : [tab],
  );
  return { ...rest, tabs: moved, active: terminal };
}

/** Calls a terminal something; nothing gives it back the name that it had at first. */
export function named({ names, ...rest }: Arrangement, terminal: string, name: string): Arrangement {
  const { [terminal]: _, ...others } = names;
  const text = [...name.replace(/\p{C}/gu, "").trim()].slice(0, NAME_CHARACTERS).join("");
  return { ...rest, names: text === "" ? others : { ...others, [terminal]: text } };
}

/** Takes a terminal that has ended out of sight. */
export function closed(arrangement: Arrangement, terminal: string): Arrangement {
  const tab = arrangement.tabs.find((ids) => ids.includes(terminal)) ?? [];
  const next = tab.find((id) => id !== terminal) ?? null;
  return {
    ...arrangement,
    closed: [...arrangement.closed, terminal],
    active: arrangement.active === terminal ? next : arrangement.active,
  };
}

const without = (tabs: Arrangement["tabs"], terminal: string): readonly (readonly string[])[] =>
  only(tabs, (id) => id !== terminal);
