import type { Recording } from "@slipway/protocol";
import { type RefObject, useEffect, useRef, useState } from "react";
import { loadChunk } from "../../ui/load-chunk.ts";
import type { TerminalState } from "./terminal-client.ts";
import type { TerminalScreen, TerminalScreenOptions } from "./terminal-screen.ts";
import type { Found } from "./terminal-search.ts";

/** Also called ahead of time, so that a terminal that opens does not wait for it. */
export const loadTerminalCode = () => loadChunk(() => import("./terminal-screen.ts"));

const NOTHING_FOUND: Found = { number: null, count: 0 };

export interface UseTerminalOptions
  extends Pick<TerminalScreenOptions, "sessionId" | "terminalId" | "refused" | "label" | "gapText"> {
  readonly ticket: (terminalId: string) => Promise<string>;
  readonly search: () => void;
}

export interface UsedTerminal {
  /** Null until its code has come. */
  readonly screen: TerminalScreen | null;
  readonly state: TerminalState;
  readonly recording: Recording | null;
  /** Where a search is. */
  readonly found: Found;
  /** Ctrl holds for the next key. */
  readonly ctrl: boolean;
}

/** A terminal in an element of the page, from when that is there until it goes, or another terminal takes its place. */
export function useTerminal(box: RefObject<HTMLElement | null>, options: UseTerminalOptions): UsedTerminal {
  const { sessionId, terminalId, ticket } = options;
  const [screen, setScreen] = useState<TerminalScreen | null>(null);
  const [state, setState] = useState<TerminalState>({ state: "closed" });
  const [recording, setRecording] = useState<Recording | null>(null);
  const [found, setFound] = useState(NOTHING_FOUND);
  const [ctrl, setCtrl] = useState(false);
  const first = useRef(options);

  useEffect(() => {
    const parent = box.current;
    if (parent === null) return;
    const { label, gapText, refused, search } = first.current;
    let opened: TerminalScreen | null = null;
    let gone = false;
    const open = async () => {
      const { openTerminalScreen } = await loadTerminalCode();
      if (gone) return;
      const made = await openTerminalScreen({
        parent,
        sessionId,
        terminalId,
        ticket: () => ticket(terminalId),
        label,
        gapText,
        changed: (next) => !gone && setState(next),
        refused: () => !gone && refused(),
        recording: (next) => !gone && setRecording(next),
        found: (next) => !gone && setFound(next),
        ctrl: (held) => !gone && setCtrl(held),
        keys: { leave: () => leave(parent), search },
      });
      if (gone) {
        made.close();
        return;
      }
      opened = made;
      setScreen(made);
    };
    void open();
    return () => {
      gone = true;
      opened?.close();
      setScreen(null);
    };
  }, [box, sessionId, terminalId, ticket]);
  return { screen, state, recording, found, ctrl };
}

/** The keyboard goes to the tab that the terminal is in. */
const leave = (parent: HTMLElement): void =>
  parent
    .closest("[role=tabpanel]")
    ?.parentElement?.querySelector<HTMLElement>("[role=tab][aria-selected=true]")
    ?.focus();

/** Tells the terminal when its place has changed. */
export function useRoom(
  box: RefObject<HTMLElement | null>,
  screen: TerminalScreen | null,
  visible: boolean,
): void {
  useEffect(() => {
    const parent = box.current;
    if (parent === null || screen === null) return;
    const observer = new ResizeObserver(() => screen.takeRoom());
    observer.observe(parent);
    return () => observer.disconnect();
  }, [box, screen]);
  useEffect(() => {
    if (visible) screen?.takeRoom();
  }, [visible, screen]);
}
