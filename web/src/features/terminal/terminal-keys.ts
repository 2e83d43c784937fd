import type { Terminal } from "@xterm/xterm";

/** Puts what is selected on the clipboard, where the browser allows it (it does so only for safe origins). */
export function copySelection(terminal: Terminal): void {
  if (!terminal.hasSelection()) return;
  void navigator.clipboard?.writeText(terminal.getSelection()).catch(() => {});
}

/**
 * Keys that are the page's and not the program's: Ctrl+Shift+C copies, and so does Ctrl+C while something is selected;
 * Ctrl+Shift+V pastes (the browser does that by itself); F6 leaves, because Tab belongs to the program.
 */
export function handleKeys(terminal: Terminal, leave: () => void): void {
  terminal.attachCustomKeyEventHandler((event) => {
    if (event.type !== "keydown") return true;
    if (event.key === "F6") {
      event.preventDefault();
      leave();
      return false;
    }
    const letter = event.code;
    if (!event.ctrlKey || event.altKey || event.metaKey) return true;
    if (letter === "KeyV" && event.shiftKey) return false;
    if (letter !== "KeyC") return true;
    if (!event.shiftKey && !terminal.hasSelection()) return true;
    event.preventDefault();
    copySelection(terminal);
    if (!event.shiftKey) terminal.clearSelection();
    return false;
  });
}
