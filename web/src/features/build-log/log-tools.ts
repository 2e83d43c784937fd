import type { Step } from "./build-log.ts";

/** What all rows of a build have in common: search, folding, and the way to a terminal. */
export interface LogTools {
  /** What is being looked for, in small letters; "" for nothing. */
  readonly query: string;
  /** The row that a search leads to. */
  readonly found: { readonly step: number; readonly row: number; readonly wish: number } | null;
  /** The last wish to open or to close all outputs. */
  readonly fold: { readonly open: boolean; readonly wish: number } | null;
  /** Null where no terminals are opened. */
  readonly onTerminal: ((step: Step) => void) | null;
}

export const NO_TOOLS: LogTools = { query: "", found: null, fold: null, onTerminal: null };
