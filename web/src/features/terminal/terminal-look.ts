import { useSyncExternalStore } from "react";

/** How terminals look, on this browser, for all of them. */
export interface TerminalLook {
  readonly fontPx: number;
  readonly theme: TerminalThemeName;
  readonly screenReader: boolean;
}

/** `page`: light or dark, as the page is. */
export const THEME_NAMES = ["page", "light", "dark", "contrast", "amber"] as const;
export type TerminalThemeName = (typeof THEME_NAMES)[number];

export const LEAST_FONT_PX = 9;
export const MOST_FONT_PX = 28;
export const FIRST_LOOK: TerminalLook = { fontPx: 13, theme: "page", screenReader: false };

/** Where a browser keeps it. */
const MEMORY = "slipway-terminal-look";

/** What a browser remembers, as far as it is a look. */
export function lookOf(text: string | null): TerminalLook {
  try {
    const kept = JSON.parse(text ?? "{}") as Partial<Record<keyof TerminalLook, unknown>> | null;
    const fontPx =
      typeof kept?.fontPx === "number" && Number.isFinite(kept.fontPx) ? kept.fontPx : FIRST_LOOK.fontPx;
    return {
      fontPx: Math.min(MOST_FONT_PX, Math.max(LEAST_FONT_PX, Math.round(fontPx))),
      theme: THEME_NAMES.find((name) => name === kept?.theme) ?? FIRST_LOOK.theme,
      screenReader: kept?.screenReader === true,
    };
  } catch {
    return FIRST_LOOK;
  }
}

let look: TerminalLook | null = null;
const listeners = new Set<() => void>();

export function terminalLook(): TerminalLook {
  if (look !== null) return look;
  try {
    look = lookOf(localStorage.getItem(MEMORY));
  } catch {
    // A browser may keep nothing for a page, and says so by throwing.
    look = FIRST_LOOK;
  }
  return look;
}

export function changeLook(change: Partial<TerminalLook>): void {
  const text = JSON.stringify({ ...terminalLook(), ...change });
  look = lookOf(text);
  try {
    localStorage.setItem(MEMORY, text);
  } catch {
    // It holds for this visit.
  }
  for (const listener of listeners) listener();
}

/** Calls back when it changes. Answers how to stop. */
export function onLookChange(changed: () => void): () => void {
  listeners.add(changed);
  return () => listeners.delete(changed);
}

export const useTerminalLook = (): TerminalLook =>
  useSyncExternalStore(onLookChange, terminalLook, () => FIRST_LOOK);
