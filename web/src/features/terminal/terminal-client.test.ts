import {
  type Attached,
  type AttachReply,
  INPUT_OVERHEAD_BYTES,
  INPUT_WINDOW_BYTES,
  type Input,
  type TerminalSize,
  type WireError,
} from "@slipway/protocol";
import { describe, expect, test } from "vitest";
import { HELD_INPUT_BYTES, INPUT_BYTES } from "./input-outbox.ts";
import { retryDelayMs } from "./retry.ts";
import { ACKNOWLEDGE_BYTES, type Channel, type ChannelEvents, TerminalClient } from "./terminal-client.ts";

const SIZE: TerminalSize = { rows: 24, cols: 80 };
const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const wire = (code: WireError["code"]): WireError => ({ code, fault: "user", message: code, params: {} });

/** A worker with one terminal whose whole output is `log`; `kept` is the oldest byte that it still has. */
class Yard {
  log: Uint8Array = new Uint8Array();
  kept = 0;
  role: Attached["role"] = "drive";
  refuse: WireError | null = null;
  readonly wanted: (number | null)[] = [];
  readonly inputs: Input[] = [];
  readonly sizes: TerminalSize[] = [];
  readonly acknowledged: number[] = [];
  readonly timers: { ms: number; run: () => void; off: boolean }[] = [];
  readonly states: string[] = [];
  screen = "";
  holdDrawing = false;
  undrawn: (() => void)[] = [];
  viewedSizes: TerminalSize[] = [];
  checkpoint: string | null = null;
  room: TerminalSize | null = null;
  refusals = 0;
  events: ChannelEvents | null = null;

  readonly client = new TerminalClient({
    connect: async (events) => this.#open(events),
    screen: {
      write: (data, drawn) => {
        this.screen += new TextDecoder().decode(data);
        if (this.holdDrawing) this.undrawn.push(drawn);
        else drawn();
      },
      gap: () => {
        this.screen += "[gap]";
      },
      restart: ({ data }) => {
        this.screen = `[${new TextDecoder().decode(data)}]`;
      },
      resize: (size) => {
        this.viewedSizes.push(size);
      },
      caughtUp: () => this.room,
    },
    wireErrorOf: () => wire("internal"),
    changed: (state) => {
      this.states.push(state.state);
    },
    refused: () => {
      this.refusals += 1;
    },
    recording: () => {},
    schedule: (ms, run) => {
      const timer = { ms, run, off: false };
      this.timers.push(timer);
      return () => {
        timer.off = true;
      };
    },
  });

  #open(events: ChannelEvents): Channel {
    this.events = events;
    return {
      attach: async (next): Promise<AttachReply> => {
        this.wanted.push(next);
        if (this.refuse) return { ok: false, error: this.refuse };
        const start = Math.max(next ?? 0, this.kept);
        const missing = (next ?? 0) < this.kept && this.checkpoint !== null;
        const checkpoint = missing ? { size: SIZE, data: text(this.checkpoint ?? "") } : null;
        queueMicrotask(() => queueMicrotask(() => this.send(start)));
        return {
          ok: true,
          attached: {
            start,
            end: this.log.byteLength,
            size: SIZE,
            role: this.role,
            checkpoint,
            recording: null,
          },
        };
      },
      input: (input) => this.inputs.push(input),
      resize: (size) => this.sizes.push(size),
      record: () => {},
      acknowledge: (sequence) => this.acknowledged.push(sequence),
      close: () => {},
    };
  }

  send(from: number): void {
    if (from < this.log.byteLength) this.events?.output({ sequence: from, data: this.log.subarray(from) });
  }

  print(value: string): void {
    const from = this.log.byteLength;
    this.log = Uint8Array.from([...this.log, ...text(value)]);
    this.send(from);
  }

  async start(): Promise<this> {
    this.client.start();
    await settle();
    return this;
  }

  /** The pause is over. */
  async tick(): Promise<void> {
    const timer = this.timers.findLast((candidate) => !candidate.off);
    if (timer) {
      timer.off = true;
      timer.run();
    }
    await settle();
  }
}

const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

describe("output", () => {
  test("a page that opens asks for all that is kept and draws it once", async () => {
    const yard = new Yard();
    yard.log = text("hello ");
    await yard.start();
    yard.print("world");
    expect(yard.wanted).toEqual([null]);
    expect(yard.screen).toBe("hello world");
  });

  test("a broken connection continues at the next byte: no gap, no duplicate", async () => {
    const yard = await new Yard().start();
    yard.print("one ");
    const before = yard.events;
    before?.lost();
    yard.log = text("one two ");
    await yard.tick();
    yard.print("three");
    expect(yard.wanted).toEqual([null, 4]);
    expect(yard.screen).toBe("one two three");
  });

  test("bytes that overlap with what has arrived are cut off", async () => {
    const yard = await new Yard().start();
    yard.print("abc");
    yard.events?.output({ sequence: 0, data: text("ab") });
    yard.events?.output({ sequence: 1, data: text("bcdef") });
    expect(yard.screen).toBe("abcdef");
  });

  test("a hole in the numbers is never drawn over: it asks again from the hole", async () => {
    const yard = await new Yard().start();
    yard.print("abc");
    yard.log = text("abcdefg");
    yard.events?.output({ sequence: 5, data: text("fg") });
    await yard.tick();
    expect(yard.wanted).toEqual([null, 3]);
    expect(yard.screen).toBe("abcdefg");
  });

  test("the screen says so when older bytes are no longer kept", async () => {
    const yard = await new Yard().start();
    yard.print("abc");
    yard.events?.lost();
    yard.log = text("abcdefghij");
    yard.kept = 7;
    await yard.tick();
    expect(yard.screen).toBe("abc[gap]hij");
  });

  test("a late viewer begins with a picture of the screen and draws the rest once", async () => {
    const yard = new Yard();
    yard.checkpoint = "picture";
    yard.log = text("abcdefg");
    yard.kept = 5;
    await yard.start();
    yard.print("hi");
    expect(yard.screen).toBe("[picture]fghi");
  });

  test("one who was away for too long begins anew with a picture", async () => {
    const yard = await new Yard().start();
    yard.print("abc");
    yard.events?.lost();
    yard.log = text("abcdefghij");
    yard.kept = 7;
    yard.checkpoint = "picture";
    await yard.tick();
    expect(yard.screen).toBe("[picture]hij");
  });

  test("messages of a connection that was given up are ignored", async () => {
    const yard = await new Yard().start();
    const old = yard.events;
    old?.lost();
    await yard.tick();
    old?.output({ sequence: 0, data: text("ghost") });
    old?.exit(1);
    old?.lost();
    expect(yard.screen).toBe("");
    expect(yard.client.state.state).toBe("attached");
  });
});

describe("acknowledgements", () => {
  test("come from drawing, not from arrival, and only every ACKNOWLEDGE_BYTES", async () => {
    const yard = await new Yard().start();
    yard.holdDrawing = true;
    yard.print("x".repeat(ACKNOWLEDGE_BYTES - 1));
    yard.print("yy");
    expect(yard.acknowledged).toEqual([]);
    for (const drawn of yard.undrawn.splice(0)) drawn();
    expect(yard.acknowledged).toEqual([ACKNOWLEDGE_BYTES + 1]);
  });

  test("after a reconnect count from where the worker started to send", async () => {
    const yard = new Yard();
    yard.log = text("old".repeat(ACKNOWLEDGE_BYTES));
    yard.kept = yard.log.byteLength;
    await yard.start();
    yard.print("small");
    expect(yard.acknowledged).toEqual([]);
  });
});

describe("input", () => {
  test("is numbered without repeats over reconnects", async () => {
    const yard = await new Yard().start();
    yard.client.input(text("a"));
    yard.client.input(text("b"));
    yard.events?.taken(1);
    yard.events?.lost();
    await yard.tick();
    yard.client.input(text("c"));
    expect(yard.inputs.map((input) => input.id)).toEqual([0, 1, 2]);
  });

  test("that the worker has not taken is sent again with the same ids", async () => {
    const yard = await new Yard().start();
    for (const key of ["a", "b", "c"]) yard.client.input(text(key));
    yard.events?.taken(0);
    yard.events?.lost();
    yard.client.input(text("d"));
    await yard.tick();
    expect(yard.inputs.map((input) => input.id)).toEqual([0, 1, 2, 1, 2, 3]);
  });

  test("beyond the window waits until earlier input is taken", async () => {
    const yard = await new Yard().start();
    yard.client.input(new Uint8Array(INPUT_WINDOW_BYTES * 2));
    const sent = yard.inputs.length;
    const cost = yard.inputs.reduce((sum, { data }) => sum + data.byteLength + INPUT_OVERHEAD_BYTES, 0);
    expect(cost).toBeLessThanOrEqual(INPUT_WINDOW_BYTES);
    yard.events?.taken(yard.inputs.at(-1)?.id ?? -1);
    expect(yard.inputs.length).toBeGreaterThan(sent);
    for (let last = -1; last < (yard.inputs.at(-1)?.id ?? -1); ) {
      last = yard.inputs.at(-1)?.id ?? -1;
      yard.events?.taken(last);
    }
    expect(yard.inputs.reduce((sum, { data }) => sum + data.byteLength, 0)).toBe(INPUT_WINDOW_BYTES * 2);
  });

  test("that is more than can be kept is refused whole, and the person is told", async () => {
    const yard = await new Yard().start();
    yard.client.input(new Uint8Array(HELD_INPUT_BYTES));
    expect(yard.inputs).toEqual([]);
    expect(yard.refusals).toBe(1);
  });

  test("typed during a short break arrives after it, in order, up to a bound", async () => {
    const yard = await new Yard().start();
    yard.events?.lost();
    yard.client.input(text("ls"));
    yard.client.input(text("\r"));
    yard.client.input(new Uint8Array(HELD_INPUT_BYTES));
    expect(yard.refusals).toBe(1);
    expect(yard.inputs).toEqual([]);
    await yard.tick();
    expect(yard.inputs.map((input) => new TextDecoder().decode(input.data)).join("")).toBe("ls\r");
  });

  test("a long paste is cut into messages within the bound", async () => {
    const yard = await new Yard().start();
    yard.client.input(new Uint8Array(INPUT_BYTES * 2 + 1));
    expect(yard.inputs.map((input) => input.data.byteLength)).toEqual([INPUT_BYTES, INPUT_BYTES, 1]);
  });

  test("of someone who only watches is not sent, nor their size", async () => {
    const yard = new Yard();
    yard.role = "view";
    await yard.start();
    yard.client.input(text("rm -rf /"));
    yard.client.resize({ rows: 9, cols: 9 });
    expect(yard.inputs).toEqual([]);
    expect(yard.sizes).toEqual([]);
    expect(yard.viewedSizes).toEqual([SIZE]);
  });
});

describe("size", () => {
  test("is told at attach and when it changes, never twice the same", async () => {
    const yard = new Yard();
    yard.client.resize({ rows: 30, cols: 100 });
    await yard.start();
    yard.client.resize({ rows: 30, cols: 100 });
    yard.client.resize({ rows: 31, cols: 100 });
    expect(yard.sizes).toEqual([
      { rows: 30, cols: 100 },
      { rows: 31, cols: 100 },
    ]);
  });

  test("is not told before kept output is drawn in the size that it was made for", async () => {
    const yard = new Yard();
    yard.holdDrawing = true;
    yard.log = text("kept");
    yard.room = { rows: 40, cols: 120 };
    await yard.start();
    expect(yard.viewedSizes).toEqual([SIZE]);
    expect(yard.sizes).toEqual([]);
    expect(yard.client.replaying).toBe(true);
    for (const drawn of yard.undrawn.splice(0)) drawn();
    expect(yard.sizes).toEqual([{ rows: 40, cols: 120 }]);
    expect(yard.client.replaying).toBe(false);
  });
});

describe("connection", () => {
  test("waits longer after every failed try, up to a bound, and from the start after a success", async () => {
    const yard = await new Yard().start();
    yard.refuse = wire("ticket-expired");
    yard.events?.lost();
    await yard.tick();
    await yard.tick();
    yard.refuse = null;
    await yard.tick();
    yard.events?.lost();
    const [first = 0, second = 0, third = 0, again = 0] = yard.timers.map((timer) => timer.ms);
    expect(first).toBeLessThanOrEqual(100);
    expect(second).toBeGreaterThan(first);
    expect(third).toBeGreaterThan(second);
    expect(again).toBeLessThanOrEqual(100);
    expect(retryDelayMs(1000, () => 0)).toBe(8_000);
  });

  test("that was lost by a restart comes back within two seconds of it", () => {
    for (let attempt = 0; attempt < 100; attempt++)
      expect(retryDelayMs(attempt, () => 0)).toBeLessThan(1_500);
  });

  test("a terminal that is gone is not tried again", async () => {
    const yard = new Yard();
    yard.refuse = wire("terminal-missing");
    await yard.start();
    expect(yard.client.state).toMatchObject({ state: "refused", error: { code: "terminal-missing" } });
    expect(yard.timers).toEqual([]);
  });

  test("the end of the process is final and keeps what was drawn", async () => {
    const yard = await new Yard().start();
    yard.print("bye");
    yard.events?.exit(3);
    yard.events?.lost();
    expect(yard.client.state).toEqual({ state: "exited", exitCode: 3 });
    expect(yard.screen).toBe("bye");
    expect(yard.timers).toEqual([]);
  });

  test("closing during a pause tries nothing any more", async () => {
    const yard = await new Yard().start();
    yard.events?.lost();
    yard.client.close();
    await yard.tick();
    expect(yard.wanted).toEqual([null]);
    expect(yard.client.state.state).toBe("closed");
  });

  test("retryNow does not wait for the pause", async () => {
    const yard = await new Yard().start();
    yard.events?.lost();
    yard.client.retryNow();
    await settle();
    expect(yard.client.state.state).toBe("attached");
    expect(yard.timers.every((timer) => timer.off)).toBe(true);
  });
});
