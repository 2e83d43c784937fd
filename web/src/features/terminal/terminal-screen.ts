import type { TerminalSize } from "@slipway/protocol";
import { FitAddon } from "@xterm/addon-fit";
import { type IDisposable, Terminal } from "@xterm/xterm";
import "@xterm/xterm/css/xterm.css";
import { SlipwayError } from "@slipway/protocol";
import { rpc } from "../../rpc/client.ts";
import { wireErrorOf } from "../../rpc/failure.ts";
import { drawWithHardware } from "./gpu.ts";
import { openSocketChannel } from "./socket-channel.ts";
import { TerminalClient, type TerminalState } from "./terminal-client.ts";
import { copySelection, handleKeys } from "./terminal-keys.ts";
import { isTerminalReply } from "./terminal-replies.ts";
import { currentTheme, onThemeChange } from "./terminal-theme.ts";

/*
 * xterm.js joined to the client of one terminal. This module is a chunk of its own, loaded when a session has a terminal.
 */

/** Lines that can be scrolled back to; about what the worker keeps in bytes. */
const SCROLLBACK_LINES = 10_000;
/** Silence after an attach that ends the drawing of kept output. */
const REPLAY_SILENCE_MS = 200;
const FONT = '"JetBrains Mono Variable", "Pretendard Variable", monospace';
const FONT_PX = 13;

export interface TerminalScreenOptions {
  readonly parent: HTMLElement;
  readonly sessionId: string;
  readonly terminalId: string;
  readonly label: string;
  /** Said where older output is no longer kept. */
  readonly gapText: string;
  readonly changed: (state: TerminalState) => void;
  /** F6: the keyboard goes elsewhere. */
  readonly leave: () => void;
}

export interface TerminalScreen {
  /** Takes the place that its parent has. To be called when that changed. */
  takeRoom(): void;
  focus(): void;
  copy(): void;
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
  await Promise.allSettled([
    document.fonts.load(`${FONT_PX}px ${FONT}`),
    document.fonts.load(`bold ${FONT_PX}px ${FONT}`),
  ]);
  const terminal = new Terminal({
    fontFamily: FONT,
    fontSize: FONT_PX,
    lineHeight: 1.25,
    scrollback: SCROLLBACK_LINES,
    theme: currentTheme(),
    cursorBlink: false,
    minimumContrastRatio: 4.5,
    macOptionIsMeta: true,
  });
  const fitter = new FitAddon();
  terminal.loadAddon(fitter);
  terminal.open(options.parent);
  terminal.textarea?.setAttribute("aria-label", options.label);
  handleKeys(terminal, options.leave);
  void drawWithHardware(terminal);

  const replay = replayWatch();
  const client = clientOf(terminal, options, replay);
  const subscriptions = joinInput(terminal, client, replay);
  const stopTheme = onThemeChange(() => {
    terminal.options.theme = currentTheme();
  });
  const online = () => client.retryNow();
  window.addEventListener("online", online);

  const takeRoom = () => {
    if (options.parent.offsetParent === null || viewing(client)) return;
    fitter.fit();
    client.resize(sizeOf(terminal));
  };
  takeRoom();
  client.start();
  return {
    takeRoom,
    focus: () => terminal.focus(),
    copy: () => copySelection(terminal),
    close() {
      window.removeEventListener("online", online);
      stopTheme();
      client.close();
      for (const subscription of subscriptions) subscription.dispose();
      terminal.dispose();
    },
  };
}

const sizeOf = ({ rows, cols }: Terminal): TerminalSize => ({ rows, cols });

const viewing = ({ state }: TerminalClient): boolean => state.state === "attached" && state.role === "view";

/** 128 random bits. Also where a page of plain http has no crypto.randomUUID. */
const newClientId = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join(
    "",
  );

/** Knows whether what is drawn right now is kept output rather than new. */
function replayWatch() {
  let until = Number.POSITIVE_INFINITY;
  return {
    begin: () => {
      until = performance.now() + REPLAY_SILENCE_MS;
    },
    drawing: () => {
      if (performance.now() < until) until = performance.now() + REPLAY_SILENCE_MS;
    },
    isOn: () => performance.now() < until,
  };
}

function clientOf(
  terminal: Terminal,
  options: TerminalScreenOptions,
  replay: ReturnType<typeof replayWatch>,
): TerminalClient {
  const { sessionId, terminalId } = options;
  const client = newClientId();
  return new TerminalClient({
    connect: async (events) => {
      const { ticket } = await rpc.session.terminalTicket.mutate({ sessionId, terminalId });
      return openSocketChannel(sessionId, ticket, client, events);
    },
    screen: {
      write: (data, drawn) => {
        replay.drawing();
        terminal.write(data, drawn);
      },
      gap: () => terminal.write(`\r\n\u001b[2m${options.gapText}\u001b[0m\r\n`),
      resize: ({ cols, rows }) => terminal.resize(cols, rows),
    },
    wireErrorOf: anyWireErrorOf,
    changed: (state) => {
      if (state.state === "attached") replay.begin();
      options.changed(state);
    },
    schedule,
  });
}

function joinInput(
  terminal: Terminal,
  client: TerminalClient,
  replay: ReturnType<typeof replayWatch>,
): IDisposable[] {
  const encoder = new TextEncoder();
  return [
    terminal.onData((data) => {
      if (replay.isOn() && isTerminalReply(data)) return;
      client.input(encoder.encode(data));
    }),
    terminal.onBinary((data) => client.input(Uint8Array.from(data, (character) => character.charCodeAt(0)))),
  ];
}
