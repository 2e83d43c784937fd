import { appendFileSync, readFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { RECORDING_BYTES, terminalIdSchema } from "@slipway/protocol";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { makePtyFixture, type PtyFixture, RecordingViewer, shimProgram } from "../pty-fixture.ts";
import { ShimTerminals } from "../shim-terminals.ts";
import type { Terminal } from "../terminal.ts";
import { CastFile } from "./cast-file.ts";
import { Recorder } from "./recorder.ts";

let fixture: PtyFixture;
let terminals: ShimTerminals;
let number = 0;

const directory = () => path.join(fixture.directory, "terminals");
const anotherWorker = () => new ShimTerminals({ directory: directory(), program: shimProgram });

beforeAll(() => {
  fixture = makePtyFixture();
  terminals = anotherWorker();
});
afterEach(async () => {
  for (const id of await terminals.list()) await terminals.remove(id);
});
afterAll(async () => {
  await terminals.release();
  fixture.remove();
});

async function open(script: string): Promise<Terminal> {
  const id = terminalIdSchema.parse(`recorded${number++}`);
  return terminals.open(id, { rows: 24, cols: 80 }, fixture.command("sh", "-c", script));
}

/** Header and events of a terminal's recording, as a player reads them. */
function read(terminal: Terminal): { header: unknown; events: [number, string, string][]; text: string } {
  const [first = "", ...rest] = readFileSync(terminal.recordingFile() ?? "", "utf8")
    .trimEnd()
    .split("\n");
  const events = rest.map((line) => JSON.parse(line) as [number, string, string]);
  const output = events.filter(([, code]) => code === "o").map(([, , data]) => data);
  return { header: JSON.parse(first), events, text: output.join("") };
}

const ended = (terminal: Terminal) =>
  expect.poll(() => terminal.recording?.active, { timeout: 10_000 }).toBe(false);

test("a recording has output, resizes, marks and the exit, in their order", async () => {
  const terminal = await open("stty -echo; echo ready; read a; echo one; read b; echo 둘 🎉; exit 3");
  const viewer = new RecordingViewer().attachTo(terminal, null);
  await viewer.until(({ text }) => text.includes("ready"));
  await terminal.record({ action: "start" });
  terminal.write(Buffer.from("\n"));
  await viewer.until(({ text }) => text.includes("one"));
  terminal.resize({ rows: 30, cols: 100 });
  await viewer.until(({ size }) => size?.rows === 30);
  await terminal.record({ action: "mark", label: "here" });
  await delay(20);
  terminal.write(Buffer.from("\n"));
  await terminal.ended;
  await ended(terminal);
  const { header, events, text } = read(terminal);
  expect(header).toMatchObject({ version: 3, term: { cols: 80, rows: 24, type: "xterm-256color" } });
  expect(text).toBe("one\r\n둘 🎉\r\n");
  expect(events.map(([, code, data]) => (code === "o" ? code : `${code} ${data}`))).toEqual([
    "o",
    "r 100x30",
    "m here",
    "o",
    "x 3",
  ]);
  expect(events.every(([interval]) => interval >= 0 && interval < 60)).toBe(true);
});

test("characters are whole across events, and bytes that are none become U+FFFD", async () => {
  const terminal = await open(
    "stty -echo raw; head -c 1 >/dev/null; printf '\\353\\221'; sleep 0.2; printf '\\230\\377!'; sleep 0.1",
  );
  await delay(100);
  await terminal.record({ action: "start" });
  terminal.write(Buffer.from("x"));
  await terminal.ended;
  await ended(terminal);
  expect(read(terminal).text).toBe("둘\ufffd!");
});

test("a recording goes on after a restart of the worker, at the byte where it stopped", async () => {
  const terminal = await open("stty -echo; echo ready; while read line; do echo got $line; done");
  const viewer = new RecordingViewer().attachTo(terminal, null);
  await viewer.until(({ text }) => text.includes("ready"));
  await terminal.record({ action: "start" });
  terminal.write(Buffer.from("1\n"));
  await viewer.until(({ text }) => text.includes("got 1"));
  terminal.write(Buffer.from("2\n"));
  await terminals.release();
  // What a killed process was writing.
  appendFileSync(terminal.recordingFile() ?? "", '[0.1, "o", "half an ev');
  terminals = anotherWorker();
  const adopted = await terminals.adopt(terminal.id);
  if (adopted === null) throw new Error("the terminal is gone");
  expect(adopted.recording?.active).toBe(true);
  adopted.write(Buffer.from("3\n"));
  const again = new RecordingViewer().attachTo(adopted, null);
  await again.until(({ text }) => text.includes("got 3"));
  await adopted.record({ action: "stop" });
  expect(read(adopted).text).toBe("got 1\r\ngot 2\r\ngot 3\r\n");
  expect(adopted.recording?.active).toBe(false);
});

test("a new recording takes the place of the last one; a mark without one does nothing", async () => {
  const terminal = await open("stty -echo; echo ready; while read line; do echo got $line; done");
  await terminal.record({ action: "mark", label: "nowhere" });
  await terminal.record({ action: "stop" });
  expect(terminal.recordingFile()).toBeNull();
  const viewer = new RecordingViewer().attachTo(terminal, null);
  await viewer.until(({ text }) => text.includes("ready"));
  for (const word of ["first", "second"]) {
    await terminal.record({ action: "start" });
    terminal.write(Buffer.from(`${word}\n`));
    await viewer.until(({ text }) => text.includes(word));
  }
  await terminal.record({ action: "stop" });
  expect(read(terminal).text).toBe("got second\r\n");
});

test("a recording that is full ends itself and says why", async () => {
  const begin = { size: { rows: 24, cols: 80 }, next: 0 };
  const recorder = await Recorder.begin(fixture.directory, begin, () => {});
  const chunk = Buffer.alloc(1024 * 1024, "x");
  for (let next = 0; recorder.next !== null && next < 2 * RECORDING_BYTES; next += chunk.byteLength) {
    recorder.output(next, chunk);
    await delay(1);
  }
  await recorder.stop();
  await recorder.close();
  const text = readFileSync(CastFile.castPath(fixture.directory), "utf8");
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(RECORDING_BYTES);
  expect(Buffer.byteLength(text)).toBeGreaterThan(RECORDING_BYTES - 2 * chunk.byteLength);
  expect(text.trimEnd().split("\n").at(-1)).toContain("largest size");
});
