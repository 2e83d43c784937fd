import { SearchAddon } from "@xterm/addon-search";
import type { Terminal } from "@xterm/xterm";

/** Matches that are counted and marked; more make a large scrollback slow. */
export const MOST_MATCHES = 1_000;

export interface TerminalSearch {
  /** Goes to the next match, or the one before. While somebody types, `typing` stays at the match that still fits. */
  find(text: string, way: "next" | "before" | "typing"): void;
  /** Marks go away; the selection stays. */
  end(): void;
}

/** Of the match that is in front, from 1; null: of none, or too many to count. */
export interface Found {
  readonly number: number | null;
  readonly count: number;
}

/* Must be #RRGGBB. They are the ground of text in the colours of the theme, and readable in light and dark. */
const MARKS = {
  matchBackground: "#7d6a2a",
  matchOverviewRuler: "#7d6a2a",
  activeMatchBackground: "#b5521f",
  activeMatchColorOverviewRuler: "#b5521f",
};

/** Search in all that a terminal still has. */
export function searchIn(terminal: Terminal, found: (found: Found) => void): TerminalSearch {
  const addon = new SearchAddon({ highlightLimit: MOST_MATCHES });
  terminal.loadAddon(addon);
  addon.onDidChangeResults(({ resultIndex, resultCount }) =>
    found({ number: resultIndex === -1 ? null : resultIndex + 1, count: resultCount }),
  );
  return {
    find(text, way) {
      if (text === "") {
        addon.clearDecorations();
        found({ number: null, count: 0 });
        return;
      }
      if (way === "before") addon.findPrevious(text, { decorations: MARKS });
      else addon.findNext(text, { decorations: MARKS, incremental: way === "typing" });
    },
    end: () => addon.clearDecorations(),
  };
}
