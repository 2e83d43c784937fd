import {
  type Recording,
  recordingPath,
  SlipwayError,
  type TerminalSize,
  WholeCharacters,
} from "@slipway/protocol";
import { FitAddon } from "@xterm/addon-fit";
import { Terminal } from "@xterm/xterm";
import "@xterm/xterm/css/xterm.css";
import { wireErrorOf } from "../../rpc/failure.ts";
import { drawWithHardware } from "./gpu.ts";
import { bytesOf, type PressedKey, withCtrl } from "./pressed-keys.ts";
import { Room } from "./room.ts";
import { openSocketChannel } from "./socket-channel.ts";
import { type Screen, TerminalClient, type TerminalState } from "./terminal-client.ts";
import { copySelection, handleKeys, type PageKeys } from "./terminal-keys.ts";
import { safeLinks } from "./terminal-links.ts";
import { onLookChange, terminalLook } from "./terminal-look.ts";
import { isTerminalReply } from "./terminal-replies.ts";
import { type Found, searchIn, type TerminalSearch } from "./terminal-search.ts";
import { currentTheme, onThemeChange } from "./terminal-theme.ts";
import { TicketKeeper } from "./ticket-keeper.ts";

/*
 * xterm.js joined to the client of one terminal. This module is a chunk of its own, loaded when a session has a terminal.
 */

/** Lines that can be scrolled back to; about what the worker keeps in bytes. */
const SCROLLBACK_LINES = 10_000;
const FONT = '"JetBrains Mono Variable", "Pretendard Variable", monospace';
/** A tab that was away for so long may have slept, its connection with it. */
const SLEEP_MS = 30_000;

export interface TerminalScreenOptions {
  readonly parent: HTMLElement;
  readonly sessionId: string;
  readonly terminalId: string;
  /** A new ticket for the terminal. */
  readonly ticket: () => Promise<string>;
  readonly label: string;
  /** Said where older output is no longer kept. */
  readonly gapText: string;
  readonly changed: (state: TerminalState) => void;
  /** What was typed or pasted was too much to wait, and was not sent. */
  readonly refused: () => void;
  readonly recording: (recording: Recording | null) => void;
  readonly keys: PageKeys;
  /** Told where a search is. */
  readonly found: (found: Found) => void;
  /** Told when Ctrl begins or ends to hold for the next key. */
  readonly ctrl: (held: boolean) => void;
}

export interface TerminalScreen {
  /** Takes the place that its parent has. To be called when that changed. */
  takeRoom(): void;
  focus(): void;
  copy(): Promise<"copied" | "nothing" | "failed">;
  /** As if it had been pasted with the keys. */
  paste(text: string): void;
  readonly search: TerminalSearch;
  /** As if the key had been pressed. */
  press(key: PressedKey): void;
  /** Ctrl holds for the next key, or does no longer. */
  holdCtrl(held: boolean): void;
  /** Begins, ends or marks a recording. */
  record(command: Parameters<TerminalClient["record"]>[0]): void;
  /** The newest recording, an asciicast v3. Rejects with a SlipwayError. */
  fetchRecording(): Promise<Blob>;
  close(): void;
}

const schedule = (ms: number, run: () => void): (() => void) => {
  const timer = setTimeout(run, ms);
  return () => clearTimeout(timer);
};

const anyWireErrorOf = (thrown: unknown) =>
  thrown instanceof SlipwayError ? thrown.toWire() : wireErrorOf(thrown);

export async function openTerminalScreen(options: TerminalScreenOptions): Promise<TerminalScreen> {
  // Cells are measured once, with the font that is there.
  const { fontPx } = terminalLook();
  await Promise.allSettled([
    document.fonts.load(`${fontPx}px ${FONT}`),
    document.fonts.load(`bold ${fontPx}px ${FONT}`),
  ]);
  const terminal = makeTerminal();
  const fitter = new FitAddon();
  terminal.loadAddon(fitter);
  terminal.open(options.parent);
  terminal.textarea?.setAttribute("aria-label", options.label);
  handleKeys(terminal, options.keys);
  void drawWithHardware(terminal);

  const room = new Room(terminal, fitter, options.parent);
  const tickets = new TicketKeeper(options.ticket);
  const client = clientOf(terminal, room, tickets, options);
  const input = joinInput(terminal, client, options.ctrl);
  const stopTheme = onThemeChange(() => {
    terminal.options.theme = currentTheme();
  });
  const stopWaking = onWake(
    () => client.reconnect(),
    () => client.retryNow(),
  );
  const takeRoom = () => {
    const size = room.measure();
    if (size === null || viewing(client)) room.show({ rows: terminal.rows, cols: terminal.cols });
    else if (!client.replaying) {
      room.show(size);
      client.resize(size);
    }
  };
  const stopLook = onLookChange(() => {
    const look = terminalLook();
    terminal.options.screenReaderMode = look.screenReader;
    room.useFont(look.fontPx);
    takeRoom();
  });
  takeRoom();
  client.start();
  return {
    takeRoom,
    focus: () => terminal.focus(),
    copy: () => copySelection(terminal),
    paste: (text) => {
      terminal.paste(text);
      terminal.focus();
    },
    search: searchIn(terminal, options.found),
    press: input.press,
    holdCtrl: input.holdCtrl,
    record: (command) => client.record(command),
    fetchRecording: () => fetchRecording(options, tickets),
    close() {
      stopWaking();
      stopTheme();
      stopLook();
      client.close();
      input.dispose();
      terminal.dispose();
    },
  };
}

const makeTerminal = (): Terminal =>
  new Terminal({
    fontFamily: FONT,
    fontSize: terminalLook().fontPx,
    lineHeight: 1.25,
    scrollback: SCROLLBACK_LINES,
    theme: currentTheme(),
    cursorBlink: false,
    minimumContrastRatio: 4.5,
    macOptionIsMeta: true,
    linkHandler: safeLinks,
    screenReaderMode: terminalLook().screenReader,
    // Marks of a search are decorations, which xterm.js counts among what may still change.
    allowProposedApi: true,
  });

const viewing = ({ state }: TerminalClient): boolean => state.state === "attached" && state.role === "view";

/** 128 random bits. Also where a page of plain http has no crypto.randomUUID. */
const newClientId = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join(
    "",
  );

/** Calls `woken` when the page was away for long, and `online` when the browser has a network again. */
function onWake(woken: () => void, online: () => void): () => void {
  let hiddenAt = Number.POSITIVE_INFINITY;
  const changed = () => {
    if (document.hidden) hiddenAt = Date.now();
    else if (Date.now() - hiddenAt > SLEEP_MS) woken();
    else online();
  };
  window.addEventListener("online", woken);
  document.addEventListener("visibilitychange", changed);
  return () => {
    window.removeEventListener("online", woken);
    document.removeEventListener("visibilitychange", changed);
  };
}

/** xterm.js draws in the order of its writes, and so does all that is done in their callbacks. */
function screenOf(terminal: Terminal, room: Room, gapText: string): Screen {
  let characters = new WholeCharacters();
  const inOrder = (run: () => void) => terminal.write("", run);
  return {
    write: (data, drawn) => terminal.write(characters.push(data), drawn),
    restart: ({ size, data }) => {
      characters = new WholeCharacters();
      inOrder(() => {
        terminal.reset();
        room.show(size);
      });
      terminal.write(data);
    },
    gap: () => terminal.write(`\r\n\u001b[2m${gapText}\u001b[0m\r\n`),
    resize: (size: TerminalSize) => inOrder(() => room.show(size)),
    caughtUp: (role) => {
      const size = room.measure();
      if (role === "drive" && size !== null) inOrder(() => room.show(size));
      return size;
    },
  };
}

function clientOf(
  terminal: Terminal,
  room: Room,
  tickets: TicketKeeper,
  options: TerminalScreenOptions,
): TerminalClient {
  const id = newClientId();
  return new TerminalClient({
    connect: async (events) => {
      const ticket = await tickets.get();
      try {
        return await openSocketChannel(options.sessionId, ticket, id, events);
      } catch (thrown) {
        const { code } = anyWireErrorOf(thrown);
        if (code === "ticket-expired" || code === "ticket-invalid") tickets.forget();
        throw thrown;
      }
    },
    screen: screenOf(terminal, room, options.gapText),
    wireErrorOf: anyWireErrorOf,
    changed: options.changed,
    refused: options.refused,
    recording: options.recording,
    schedule,
  });
}

interface TerminalInput {
  press(key: PressedKey): void;
  holdCtrl(held: boolean): void;
  dispose(): void;
}

/** Hands on what is typed and pasted, and what the screen answers. Ctrl that is held is for one key, whichever keyboard it is on. */
function joinInput(
  terminal: Terminal,
  client: TerminalClient,
  ctrlChanged: (held: boolean) => void,
): TerminalInput {
  const encoder = new TextEncoder();
  let ctrl = false;
  const holdCtrl = (held: boolean) => {
    if (ctrl === held) return;
    ctrl = held;
    ctrlChanged(held);
  };
  const subscriptions = [
    terminal.onData((data) => {
      const reply = isTerminalReply(data);
      if (reply && client.replaying) return;
      client.input(encoder.encode(ctrl && !reply ? withCtrl(data) : data), reply);
      if (!reply) holdCtrl(false);
    }),
    terminal.onBinary((data) => client.input(Uint8Array.from(data, (character) => character.charCodeAt(0)))),
  ];
  return {
    press(key) {
      const application = terminal.modes.applicationCursorKeysMode;
      client.input(encoder.encode(bytesOf(key, { ctrl, application })));
      holdCtrl(false);
      terminal.scrollToBottom();
      terminal.focus();
    },
    holdCtrl(held) {
      holdCtrl(held);
      terminal.focus();
    },
    dispose() {
      for (const subscription of subscriptions) subscription.dispose();
    },
  };
}

async function fetchRecording(
  { sessionId, terminalId }: TerminalScreenOptions,
  tickets: TicketKeeper,
): Promise<Blob> {
  const headers = { authorization: `Bearer ${await tickets.get()}` };
  const response = await fetch(recordingPath(sessionId, terminalId), { headers });
  if (response.ok) return response.blob();
  tickets.forget();
  throw new SlipwayError("worker-lost", `The recording was answered with ${response.status}.`);
}
