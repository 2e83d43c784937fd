import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { terminalIdSchema } from "@slipway/protocol";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { makePtyFixture, type PtyFixture, RecordingViewer, shimProgram } from "./pty-fixture.ts";
import { ViewerScreen } from "./screen/screen-fixture.ts";
import { RING_BYTES } from "./shim-terminal.ts";
import { ShimTerminals } from "./shim-terminals.ts";
import type { Terminal } from "./terminal.ts";

/*
 * Viewers who come late, and viewers who come back after the worker was killed, of terminals that have printed more than is
 * kept as it was written.
 */

const size = { rows: 24, cols: 80 };
/** Lines above the screen that a checkpoint promises. */
const LINES = 1_900;

let fixture: PtyFixture;
let terminals: ShimTerminals;
let number = 0;

const directory = () => path.join(fixture.directory, "terminals");
const anotherWorker = () => new ShimTerminals({ directory: directory(), program: shimProgram });
/** What all output here begins with, so that a key is typed when it is not echoed any more. */
const READY = Buffer.from("ready");
const nextId = () => terminalIdSchema.parse(`lateterminal${number++}`);

beforeAll(() => {
  fixture = makePtyFixture();
});
afterAll(() => fixture.remove());

beforeEach(() => {
  terminals = anotherWorker();
});
afterEach(async () => {
  await terminals.release();
  terminals = anotherWorker();
  for (const id of await terminals.list()) await terminals.remove(id);
  await terminals.release();
});

/** Prints `bytes`, as they are, once a key has been typed. */
async function printing(bytes: Buffer): Promise<Terminal> {
  const file = path.join(fixture.directory, `output-${number}`);
  writeFileSync(file, bytes.subarray(READY.byteLength));
  const script = `stty raw -echo; printf ${READY}; head -c 1 >/dev/null; exec cat ${file}`;
  const terminal = await terminals.open(nextId(), size, fixture.command("sh", "-c", script));
  const viewer = new RecordingViewer().attachTo(terminal, 0);
  await viewer.until(({ text }) => text === `${READY}`);
  viewer.attachment?.detach();
  return terminal;
}

/** The screen of a viewer who attaches now and waits for the end. */
async function lateScreen(terminal: Terminal): Promise<ViewerScreen> {
  const viewer = new RecordingViewer().attachTo(terminal, null);
  await viewer.until(({ exit }) => exit !== null, 60_000);
  expect(viewer.gaps).toBe(0);
  const checkpoint = viewer.attachment?.checkpoint ?? null;
  const screen = new ViewerScreen(checkpoint?.size ?? viewer.attachment?.size ?? size);
  return screen.write(checkpoint?.data ?? "").write(viewer.bytes);
}

/**
 * A program that draws a frame once, on the other screen, and then for `bytes` only what scrolls in between: who has not seen
 * the beginning knows the frame from a checkpoint or not at all.
 */
function framed(bytes: number): Buffer {
  const begin = [
    "main screen\r\n가나다 🎉\u001b[?1049h\u001b[?1h\u001b[?2004h\u001b[?1002h\u001b[?1006h\u001b[?25l\u001b[4 q",
    "\u001b[1;1H\u001b[7mheader 머리글 \u001b[27m\u001b[24;1H\u001b[38;2;9;8;7mfooter\u001b[m\u001b[3;20r\u001b[20;1H",
  ].join("");
  const line = (number: number) => `\u001b[3${number % 8}m${number} 줄 \u001b[K\u001b[0m\r\n`;
  const lines: string[] = [`${READY}`, begin];
  for (let length = 0, number = 0; length < bytes; number++) {
    const next = line(number);
    lines.push(next);
    length += next.length;
  }
  return Buffer.from(lines.join(""));
}

const numbers = (lines: number): Buffer =>
  Buffer.from(Array.from({ length: lines }, (_, line) => `line ${line}\r\n`).join(""));

describe("a late viewer", () => {
  test("of a flood of plain text sees the screen of one who saw everything", async () => {
    const output = Buffer.concat([
      READY,
      Buffer.from("\u001b[?2004h\u001b[1;34mbefore\r\n"),
      numbers(350_000),
      Buffer.from("\u001b[0mafter\r\n$ "),
    ]);
    const terminal = await printing(output);
    terminal.write(Buffer.from("x"));
    await terminal.ended;
    const late = await lateScreen(terminal);
    expect(late.state(LINES)).toEqual(new ViewerScreen(size).write(output).state(LINES));
    expect(terminal.attach(null, new RecordingViewer()).start).toBeGreaterThan(
      output.byteLength - RING_BYTES,
    );
  });

  test("of a program that draws sees the screen of one who saw everything", async () => {
    const output = framed(RING_BYTES);
    const terminal = await printing(output);
    terminal.write(Buffer.from("x"));
    await terminal.ended;
    const late = await lateScreen(terminal);
    expect(late.state()).toEqual(new ViewerScreen(size).write(output).state());
  });
});

describe("a worker that is killed in a flood", () => {
  /** Holds the terminal in a process of its own until that has seen `bytes` more; answers the next byte that it wanted. */
  async function holdAndKill(id: string, next: number, bytes: number): Promise<number> {
    const script = path.join(import.meta.dirname, "testdata/hold-until-killed.ts");
    const args = ["--import", "tsx", script, directory(), id, `${next}`];
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
    let text = "";
    await new Promise<void>((resolve) => {
      child.stdout.on("data", (data) => {
        text += `${data}`;
        const seen = Number(text.trimEnd().split("\n").at(-1)?.split(" ")[2] ?? 0);
        if (seen >= next + bytes) resolve();
      });
      child.once("close", () => resolve());
    });
    child.kill("SIGKILL");
    await new Promise((resolve) => child.once("close", resolve));
    const lines = text.slice(0, text.lastIndexOf("\n")).split("\n");
    const [start, gaps, seen] = (lines.at(-1) ?? "").split(" ").map(Number);
    expect(start).toBe(next);
    expect(gaps).toBe(0);
    return seen ?? -1;
  }

  test.each([
    ["plain text", () => Buffer.concat([READY, numbers(500_000)]), 2_000_000, LINES],
    ["a program that draws", () => framed(1.5 * RING_BYTES), 1_500_000, 1],
  ])("loses no byte of %s, and late viewers see the right screen", async (_, make, step, lines) => {
    const output = make();
    const terminal = await printing(output);
    terminal.write(Buffer.from("x"));
    await terminals.release();
    let next = 0;
    for (let kills = 0; kills < 2; kills++) next = await holdAndKill(terminal.id, next, step);
    terminals = anotherWorker();
    const adopted = await terminals.adopt(terminal.id);
    if (adopted === null) throw new Error("the terminal is gone");
    const rest = new RecordingViewer().attachTo(adopted, next);
    expect(rest.attachment).toMatchObject({ start: next, checkpoint: null });
    const late = await lateScreen(adopted);
    await rest.until(({ exit }) => exit !== null, 60_000);
    expect(rest.gaps).toBe(0);
    expect(next + rest.bytes.byteLength).toBe(output.byteLength);
    expect(rest.bytes.equals(output.subarray(next))).toBe(true);
    expect(late.state(lines)).toEqual(new ViewerScreen(size).write(output).state(lines));
  });
});
