import type { Terminal } from "@xterm/xterm";
import { copyText } from "./clipboard.ts";

/** Puts what is selected on the clipboard, where the browser allows it. */
export async function copySelection(terminal: Terminal): Promise<"copied" | "nothing" | "failed"> {
  if (!terminal.hasSelection()) return "nothing";
  return (await copyText(terminal.getSelection())) ? "copied" : "failed";
}

/** What some keys ask of the page. */
export interface PageKeys {
  /** F6: the keyboard goes elsewhere, because Tab belongs to the program. */
  leave(): void;
  /** Ctrl+Shift+F */
  search(): void;
}

/**
 * Keys that are the page's and not the program's: Ctrl+Shift+C copies, and so does Ctrl+C while something is selected;
 * Ctrl+Shift+V pastes (the browser does that by itself, as it does with Command+C and Command+V); Ctrl+Shift+K and Command+K
 * are for whoever listens on the page, because Ctrl+K is the program's.
 */
export function handleKeys(terminal: Terminal, page: PageKeys): void {
  terminal.attachCustomKeyEventHandler((event) => {
    if (event.type !== "keydown") return true;
    const own = (act: () => void): boolean => {
      event.preventDefault();
      act();
      return false;
    };
    if (event.key === "F6") return own(page.leave);
    const letter = event.code;
    if (event.metaKey && !event.altKey && !event.ctrlKey) {
      if (letter === "KeyK") return false;
      return letter === "KeyF" && event.shiftKey ? own(page.search) : true;
    }
    if (!event.ctrlKey || event.altKey) return true;
    if (event.shiftKey && (letter === "KeyV" || letter === "KeyK")) return false;
    if (event.shiftKey && letter === "KeyF") return own(page.search);
    if (letter !== "KeyC" || (!event.shiftKey && !terminal.hasSelection())) return true;
    return own(() => {
      void copySelection(terminal);
      if (!event.shiftKey) terminal.clearSelection();
    });
  });
}
