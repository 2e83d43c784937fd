import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import {
  OUTPUT_CHUNK_BYTES,
  OUTPUT_WINDOW_BYTES,
  SCROLLBACK_BYTES,
  terminalIdSchema,
} from "@slipway/protocol";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { makePtyFixture, type PtyFixture, RecordingViewer, shimProgram } from "./pty-fixture.ts";
import { ShimTerminals } from "./shim-terminals.ts";
import type { Terminal } from "./terminal.ts";

let fixture: PtyFixture;
let terminals: ShimTerminals;
let number = 0;

const size = { rows: 24, cols: 80 };
const nextId = () => terminalIdSchema.parse(`terminal${number++}`);
const open = (...argv: string[]) => terminals.open(nextId(), size, fixture.command(...argv));
/** Another worker process, as far as the shims can tell. */
const anotherWorker = () => new ShimTerminals({ directory: terminalsDirectory(), program: shimProgram });
const terminalsDirectory = () => path.join(fixture.directory, "terminals");

beforeAll(() => {
  fixture = makePtyFixture();
});

afterAll(() => fixture.remove());

afterEach(async () => {
  await terminals.release();
  terminals = anotherWorker();
  for (const id of await terminals.list()) await terminals.remove(id);
  // A shim that has told of its end may still be on its way out.
  await expect.poll(() => processesOf(terminalsDirectory())).toEqual([]);
});

beforeAll(() => {
  terminals = anotherWorker();
});

/** Command lines of all processes that name `directory`. */
function processesOf(directory: string): string[] {
  return readdirSync("/proc")
    .filter((name) => /^[0-9]+$/.test(name))
    .flatMap((pid) => {
      try {
        return [readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ")];
      } catch {
        return [];
      }
    })
    .filter((line) => line.includes(`${directory}/`));
}

function view(terminal: Terminal, next: number | null = null): RecordingViewer {
  return new RecordingViewer().attachTo(terminal, next);
}

describe("a terminal", () => {
  test("echoes what is typed and shows what the process answers", async () => {
    const terminal = await open("cat");
    const viewer = view(terminal);
    terminal.write(Buffer.from("hello\n"));
    await viewer.until(({ text }) => text === "hello\r\nhello\r\n");
  });

  test("has the size that it was opened with, and later the one that it was given", async () => {
    const terminal = await open("sh", "-c", "stty size; read line; stty size");
    const [viewer, other] = [view(terminal), view(terminal)];
    await viewer.until(({ text }) => text.includes("24 80"));
    terminal.resize({ rows: 50, cols: 132 });
    await other.until(({ size: told }) => told?.rows === 50 && told.cols === 132);
    terminal.write(Buffer.from("\n"));
    await viewer.until(({ text }) => text.includes("50 132"));
  });

  test("tells the exit code, after all output", async () => {
    const terminal = await open("sh", "-c", "echo last words; exit 3");
    const viewer = view(terminal);
    expect(await terminal.ended).toEqual({ exitCode: 3 });
    await viewer.until(({ exit }) => exit !== null);
    expect(viewer.text).toBe("last words\r\n");
    expect(viewer.exit).toEqual({ exitCode: 3 });
  });

  test("tells 128 + signal of a process that was killed", async () => {
    const terminal = await open("sh", "-c", "kill -9 $$");
    expect(await terminal.ended).toEqual({ exitCode: 137 });
  });

  test("says why it could not be opened, and leaves nothing", async () => {
    const id = nextId();
    const opening = terminals.open(id, size, async () => ["sh", "-c", "echo no such image >&2; exit 4"]);
    await expect(opening).rejects.toMatchObject({ code: "runtime-failed", message: "no such image" });
    expect(await terminals.list()).not.toContain(id);
    expect(await terminals.adopt(id)).toBeNull();
  });

  test("lives on while nothing holds its pty open", async () => {
    const terminal = await open("sh", "-c", "exec <&- >&- 2>&-; sleep 0.4; exit 5");
    expect(await terminal.ended).toEqual({ exitCode: 5 });
  });

  test("takes a large paste whole and in order", async () => {
    const terminal = await open("sh", "-c", "stty raw -echo; echo ready; head -c 900000 | sha256sum");
    const viewer = view(terminal);
    await viewer.until(({ text }) => text.includes("ready"));
    const paste = Buffer.alloc(900_000, "0123456789abcdef\n");
    terminal.write(paste);
    const digest = createHash("sha256").update(paste).digest("hex");
    await viewer.until(({ text }) => text.includes(digest));
  });
});

describe("a flood", () => {
  const lines = 400_000;
  const flood = ["sh", "-c", `stty -opost; seq 1 ${lines}`];
  const expected = Buffer.from(Array.from({ length: lines }, (_, line) => `${line + 1}\n`).join(""));

  test("of 3 MB arrives exact and in order at every viewer that acknowledges", async () => {
    const terminal = await open(...flood);
    const viewers = [view(terminal), view(terminal)];
    for (const viewer of viewers) {
      await viewer.until(({ exit }) => exit !== null);
      expect(viewer.gaps).toBe(0);
      expect(viewer.bytes.equals(expected)).toBe(true);
      expect(Math.max(...viewer.chunks.map((chunk) => chunk.byteLength))).toBeLessThanOrEqual(
        OUTPUT_CHUNK_BYTES,
      );
    }
  });

  test("stops at the window of a viewer that does not acknowledge, and goes on when it does", async () => {
    const terminal = await open(...flood);
    const slow = new RecordingViewer({ acknowledges: false }).attachTo(terminal, null);
    await slow.until(({ windowIsFull }) => windowIsFull);
    await delay(300);
    expect(slow.bytes.byteLength).toBe(OUTPUT_WINDOW_BYTES);
    expect(terminal.exit).toBeNull();
    const late = view(terminal);
    await delay(100);
    // The shim may have sent one more round of reads before it stopped.
    expect(late.next).toBeLessThan(OUTPUT_WINDOW_BYTES + 4 * OUTPUT_CHUNK_BYTES);
    slow.output = (sequence, data) => {
      slow.next = sequence + data.byteLength;
      slow.chunks.push(data);
      slow.attachment?.acknowledge(slow.next);
    };
    slow.attachment?.acknowledge(slow.next);
    for (const viewer of [late, slow]) await viewer.until(({ exit }) => exit !== null);
    expect(late.bytes.equals(expected.subarray(late.attachment?.start))).toBe(true);
    expect(slow.bytes.equals(expected)).toBe(true);
  });

  test("goes on when the viewer that stopped it goes", async () => {
    const terminal = await open(...flood);
    const slow = new RecordingViewer({ acknowledges: false }).attachTo(terminal, null);
    await slow.until(({ windowIsFull }) => windowIsFull);
    slow.attachment?.detach();
    expect(await terminal.ended).toEqual({ exitCode: 0 });
  });

  test("drops a viewer that stands still for too long, for the sake of the others", async () => {
    const terminal = await open(...flood);
    const [slow, quick] = [
      new RecordingViewer({ acknowledges: false }).attachTo(terminal, null),
      view(terminal),
    ];
    await slow.until(({ wasDropped }) => wasDropped, 15_000);
    await quick.until(({ exit }) => exit !== null);
    expect(quick.bytes.equals(expected)).toBe(true);
  }, 30_000);

  test("without a viewer leaves at least the last scrollback, also for another worker", async () => {
    const terminal = await open(...flood);
    await terminal.ended;
    for (const worker of [terminals, anotherWorker()]) {
      const adopted = await worker.adopt(terminal.id);
      if (adopted === null) throw new Error("the terminal is gone");
      const viewer = view(adopted);
      await viewer.until(({ exit }) => exit !== null);
      expect(viewer.bytes.byteLength).toBeGreaterThanOrEqual(SCROLLBACK_BYTES);
      expect(viewer.bytes.equals(expected.subarray(viewer.attachment?.start))).toBe(true);
      expect(viewer.next).toBe(expected.byteLength);
    }
  });
});

describe("a viewer that comes back", () => {
  test("gets exactly the rest", async () => {
    const terminal = await open("sh", "-c", "echo one; read line; echo two; read line");
    const first = view(terminal);
    await first.until(({ text }) => text === "one\r\n");
    first.attachment?.detach();
    terminal.write(Buffer.from("\n"));
    const second = view(terminal, first.next);
    await second.until(({ text }) => text.endsWith("two\r\n"));
    expect(first.text + second.text).toBe("one\r\n\r\ntwo\r\n");
    expect(second.attachment?.start).toBe(5);
  });

  test("that asks for bytes to come gets the next ones", async () => {
    const terminal = await open("cat");
    expect(terminal.attach(1_000_000, new RecordingViewer()).start).toBe(0);
  });
});

describe("a worker that is killed", () => {
  /** Opens a terminal in a process of its own, kills that, and gives the sequence number that it had seen. */
  async function openAndKill(id: string, ...argv: string[]): Promise<number> {
    const script = path.join(import.meta.dirname, "testdata/open-and-wait.ts");
    const args = ["--import", "tsx", script, terminalsDirectory(), fixture.runtime, id, ...argv];
    const { SANITIZER_PRELOAD: preload } = process.env;
    const env = { ...process.env, ...(preload ? { LD_PRELOAD: preload } : {}) };
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"], env });
    const seen = await new Promise<string>((resolve, reject) => {
      child.stdout.once("data", (data) => resolve(`${data}`));
      child.once("close", () => reject(new Error("the worker ended by itself")));
    });
    child.kill("SIGKILL");
    await new Promise((resolve) => child.once("close", resolve));
    return Number(seen);
  }

  test("finds its terminal again, with the output of the meantime", async () => {
    const id = nextId();
    const seen = await openAndKill(id, "sh", "-c", "echo before; sleep 0.5; echo meantime; cat");
    await delay(600);
    const terminal = await terminals.adopt(id);
    if (terminal === null) throw new Error("the terminal is gone");
    const [all, rest] = [view(terminal), view(terminal, seen)];
    await all.until(({ text }) => text === "before\r\nmeantime\r\n");
    await rest.until(({ text }) => text === "meantime\r\n");
    terminal.write(Buffer.from("typed\n"));
    await rest.until(({ text }) => text === "meantime\r\ntyped\r\ntyped\r\n");
    expect(terminal.exit).toBeNull();
  });

  test("finds the end of a process that ended in the meantime", async () => {
    const id = nextId();
    await openAndKill(id, "sh", "-c", "echo before; sleep 0.3; echo after; exit 6");
    await delay(600);
    const terminal = await terminals.adopt(id);
    expect(terminal?.exit).toEqual({ exitCode: 6 });
    if (terminal === null) throw new Error("the terminal is gone");
    const viewer = view(terminal);
    await viewer.until(({ exit }) => exit !== null);
    expect(viewer.text).toBe("before\r\nafter\r\n");
  });
});

describe("the end of a shim", () => {
  test("that was killed ends its terminal with the code of a hang-up", async () => {
    const terminal = await open("cat");
    process.kill(
      Number(readFileSync(path.join(terminalsDirectory(), terminal.id, "shim.pid"), "utf8")),
      "SIGKILL",
    );
    expect(await terminal.ended).toEqual({ exitCode: 129 });
  });

  test("by removal ends its process and leaves no file", async () => {
    const terminal = await open("sleep", "1000");
    await terminals.remove(terminal.id);
    expect(await terminal.ended).toEqual({ exitCode: 137 });
    expect(await terminals.list()).toEqual([]);
    await terminals.remove(terminal.id);
  });
});
