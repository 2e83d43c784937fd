import { randomBytes } from "node:crypto";
import type { Socket as NetSocket } from "node:net";
import path from "node:path";
import {
  type AttachReply,
  GATEWAY_SOCKET_PATH,
  INPUT_CHUNK_BYTES,
  OUTPUT_WINDOW_BYTES,
  type Output,
  PROTOCOL_VERSION,
  type Recording,
  recordingPath,
  sessionIdSchema,
  type Taken,
  TERMINALS_NAMESPACE,
  type TerminalExit,
  type TerminalSize,
  terminalIdSchema,
} from "@slipway/protocol";
import { pino } from "pino";
import { Registry } from "prom-client";
import { io, type Socket } from "socket.io-client";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { makePtyFixture, type PtyFixture, shimProgram } from "../terminal/pty-fixture.ts";
import { ShimTerminals } from "../terminal/shim-terminals.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { HttpGateway } from "./http-gateway.ts";
import { makeTicketFixture, type TicketFixture } from "./ticket-fixture.ts";

const publicUrl = "http://localhost:3000";
const session = sessionIdSchema.parse("session1");
const live = new Map<string, Terminal | Promise<Terminal>>();
const browsers: Browser[] = [];

let fixture: PtyFixture;
let tickets: TicketFixture;
let terminals: ShimTerminals;
let gateway: HttpGateway;
let port: number;
let number = 0;

beforeAll(async () => {
  fixture = makePtyFixture();
  tickets = await makeTicketFixture();
  terminals = new ShimTerminals({
    directory: path.join(fixture.directory, "terminals"),
    program: shimProgram,
  });
  gateway = new HttpGateway({
    publicUrl,
    terminals: {
      find: async (owner, terminal) => (owner === session ? ((await live.get(terminal)) ?? null) : null),
    },
    targets: { address: () => null },
    files: { exportChanges: () => Promise.reject(new Error("not here")) },
    gatewayUrl: null,
    ready: () => true,
    metrics: new Registry(),
    log: pino({ level: "silent" }),
  });
  gateway.configure({ ticketPublicKey: tickets.publicKey, previewDomain: "localhost:3000" });
  port = (await gateway.listen("127.0.0.1", 0)).port;
});

afterEach(async () => {
  for (const browser of browsers.splice(0)) browser.socket.disconnect();
  for (const id of await terminals.list()) await terminals.remove(id);
  live.clear();
});

afterAll(async () => {
  await gateway.close();
  fixture.remove();
});

async function open(...argv: string[]): Promise<Terminal> {
  const id = terminalIdSchema.parse(`terminal${number++}`);
  const terminal = await terminals.open(id, { rows: 24, cols: 80 }, fixture.command(...argv));
  live.set(id, terminal);
  return terminal;
}

/** A page's end of the channel. */
class Browser {
  readonly socket: Socket;
  text = "";
  next = 0;
  bytes = 0;
  sizes: TerminalSize[] = [];
  exit: TerminalExit | null = null;
  acknowledges = true;
  taken = -1;
  recordings: Recording[] = [];
  #inputs = 0;

  constructor(
    auth: Record<string, unknown>,
    options: { origin?: string; session?: string; path?: string } = {},
  ) {
    const client = randomBytes(12).toString("hex");
    this.socket = io(`http://127.0.0.1:${port}${TERMINALS_NAMESPACE}`, {
      path: options.path ?? GATEWAY_SOCKET_PATH,
      transports: ["websocket"],
      query: { session: options.session ?? session },
      auth: { client, ...auth },
      forceNew: true,
      reconnection: false,
      extraHeaders: { origin: options.origin ?? publicUrl },
    });
    browsers.push(this);
    this.socket.on("output", ({ sequence, data }: Output) => {
      expect(sequence).toBe(this.next);
      this.next = sequence + data.byteLength;
      this.bytes += data.byteLength;
      this.text += Buffer.from(data).toString();
      if (this.acknowledges) this.socket.emit("acknowledge", { sequence: this.next });
    });
    this.socket.on("size", (size: TerminalSize) => this.sizes.push(size));
    this.socket.on("taken", ({ id }: Taken) => {
      this.taken = id;
    });
    this.socket.on("recording", (recording: Recording) => this.recordings.push(recording));
    this.socket.on("exit", (exit: TerminalExit) => {
      this.exit = exit;
    });
  }

  /** Resolves when connected; rejects with the error's code. */
  connected(): Promise<this> {
    return new Promise((resolve, reject) => {
      this.socket.once("connect", () => resolve(this));
      this.socket.once("connect_error", (error) =>
        reject(
          Object.assign(error, { code: "data" in error ? (error.data as { code: string }).code : "refused" }),
        ),
      );
    });
  }

  attach(next: number | null = null): Promise<AttachReply> {
    return new Promise((resolve) => {
      // At once and not a moment later: output may have arrived together with the reply.
      this.socket.emit("attach", { next }, (reply: AttachReply) => {
        if (reply.ok) this.next = reply.attached.start;
        resolve(reply);
      });
    });
  }

  type(text: string): void {
    this.socket.emit("input", { id: this.#inputs++, data: Buffer.from(text) });
  }

  async until(seen: () => boolean): Promise<void> {
    await expect.poll(seen, { timeout: 10_000, interval: 10 }).toBe(true);
  }
}

async function browser(
  terminal: Terminal,
  role: "view" | "drive" = "drive",
  expiresIn = 60,
  client = randomBytes(12).toString("hex"),
): Promise<Browser> {
  const grant = { right: "terminal", session, terminal: terminal.id, role };
  const ticket = await tickets.sign(grant, { expiresIn });
  return new Browser({ protocolVersion: PROTOCOL_VERSION, ticket, client }).connected();
}

describe("a browser with a ticket to drive", () => {
  test("types, sees the answer, resizes and sees the end", async () => {
    const terminal = await open(
      "sh",
      "-c",
      "stty -echo; echo ready; read line; echo got $line; stty size; exit 7",
    );
    const page = await browser(terminal);
    const reply = await page.attach();
    expect(reply).toMatchObject({ ok: true, attached: { size: { rows: 24, cols: 80 }, role: "drive" } });
    await page.until(() => page.text.includes("ready"));
    page.socket.emit("resize", { rows: 40, cols: 100 });
    page.type("it\n");
    await page.until(() => page.exit !== null);
    expect(page.text).toBe("ready\r\ngot it\r\n40 100\r\n");
    expect(page.exit).toEqual({ exitCode: 7 });
    expect(page.sizes).toEqual([]);
  });

  test("that comes back gets exactly the rest", async () => {
    const terminal = await open("sh", "-c", "stty -echo; echo one; read line; echo two; sleep 100");
    const first = await browser(terminal);
    await first.attach();
    await first.until(() => first.text === "one\r\n");
    first.socket.disconnect();
    terminal.write(Buffer.from("\n"));
    const second = await browser(terminal);
    expect(await second.attach(first.next)).toMatchObject({ ok: true, attached: { start: 5 } });
    await second.until(() => second.text === "two\r\n");
  });

  test("stays when the ticket expires", async () => {
    const page = await browser(await open("cat"), "drive", -3);
    await page.attach();
    page.type("still here\n");
    await page.until(() => page.text.includes("still here"));
  });

  test("has input that it repeats taken once", async () => {
    const page = await browser(await open("sh", "-c", "stty -echo; echo ready; cat"));
    await page.attach();
    await page.until(() => page.text.includes("ready"));
    for (const id of [5, 5, 4, 6]) page.socket.emit("input", { id, data: Buffer.from(`${id}\n`) });
    await page.until(() => page.text.includes("6"));
    expect(page.text).toBe("ready\r\n5\r\n6\r\n");
  });

  test("gets 3 MB exact and in order while it acknowledges, and one window when it does not", async () => {
    const flood = ["sh", "-c", "stty -opost; seq 1 400000"];
    const expected = Array.from({ length: 400_000 }, (_, line) => `${line + 1}\n`).join("");
    const page = await browser(await open(...flood));
    await page.attach();
    await page.until(() => page.exit !== null);
    // What came before the page attached and was no longer kept is not in its text.
    expect(expected.endsWith(page.text)).toBe(true);
    expect(page.next).toBe(expected.length);

    const silent = await browser(await open("sh", "-c", "stty -opost; sleep 0.3; seq 1 400000"));
    silent.acknowledges = false;
    await silent.attach();
    await silent.until(() => silent.bytes >= OUTPUT_WINDOW_BYTES);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(silent.bytes).toBe(OUTPUT_WINDOW_BYTES);
    expect(silent.exit).toBeNull();
  });
});

describe("a browser with a ticket to view", () => {
  test("sees what a driver does and can neither type nor resize", async () => {
    const terminal = await open("sh", "-c", "stty -echo; echo ready; cat");
    const [viewer, driver] = [await browser(terminal, "view"), await browser(terminal)];
    expect(await viewer.attach()).toMatchObject({ ok: true, attached: { role: "view" } });
    await driver.attach();
    viewer.type("from the viewer\n");
    viewer.socket.emit("resize", { rows: 5, cols: 5 });
    await viewer.until(() => viewer.text === "ready\r\n");
    driver.type("from the driver\n");
    driver.socket.emit("resize", { rows: 30, cols: 90 });
    await viewer.until(() => viewer.text.includes("driver") && viewer.sizes.length > 0);
    expect(viewer.text).not.toContain("from the viewer");
    expect(viewer.sizes).toEqual([{ rows: 30, cols: 90 }]);
  });
});

describe("input of a page", () => {
  const counting = ["sh", "-c", "stty -echo; echo ready; while read line; do echo got $line; done"];

  test("that is sent again after a reconnect is taken once, and told as taken", async () => {
    const terminal = await open(...counting);
    const client = "the-same-page-over-all-connections";
    const first = await browser(terminal, "drive", 60, client);
    await first.attach();
    for (const id of [0, 1]) first.socket.emit("input", { id, data: Buffer.from(`${id}\n`) });
    await first.until(() => first.text.includes("got 1") && first.taken === 1);
    first.socket.disconnect();
    const second = await browser(terminal, "drive", 60, client);
    await second.attach(first.next);
    for (const id of [0, 1, 2]) second.socket.emit("input", { id, data: Buffer.from(`${id}\n`) });
    await second.until(() => second.text.includes("got 2") && second.taken === 2);
    expect(first.text + second.text).toBe("ready\r\ngot 0\r\ngot 1\r\ngot 2\r\n");
  });

  test("that is sent again after a restart of the worker is taken once", async () => {
    const terminal = await open(...counting);
    const client = "the-same-page-over-all-restarts";
    const page = await browser(terminal, "drive", 60, client);
    await page.attach();
    page.socket.emit("input", { id: 7, data: Buffer.from("run\n") });
    await page.until(() => page.text.includes("got run"));
    await terminals.release();
    const adopted = await terminals.adopt(terminal.id);
    if (adopted === null) throw new Error("the terminal is gone");
    live.set(terminal.id, adopted);
    const again = await browser(adopted, "drive", 60, client);
    await again.attach(page.next);
    for (const id of [7, 8]) again.socket.emit("input", { id, data: Buffer.from(`run ${id}\n`) });
    await again.until(() => again.text.includes("got run 8"));
    expect(again.text).toBe("got run 8\r\n");
  });

  test("beyond the window ends the connection of that page, and no other's", async () => {
    const terminal = await open("sh", "-c", "stty raw -echo; echo ready; sleep 100");
    const [flooder, other] = [await browser(terminal), await browser(terminal)];
    await flooder.attach();
    await other.attach();
    const ended = new Promise((resolve) => flooder.socket.once("disconnect", resolve));
    for (let id = 0; id < 8; id++) {
      flooder.socket.emit("input", { id, data: Buffer.alloc(INPUT_CHUNK_BYTES, "x") });
    }
    await ended;
    expect(other.socket.connected).toBe(true);
  });
});

describe("several drivers", () => {
  test("give the terminal the size of the last one that typed or resized", async () => {
    const terminal = await open("sh", "-c", "stty -echo; echo ready; while read line; do stty size; done");
    const [large, small] = [await browser(terminal), await browser(terminal)];
    await large.attach();
    await small.attach();
    large.socket.emit("resize", { rows: 50, cols: 200 });
    await small.until(() => small.sizes.at(-1)?.cols === 200);
    small.socket.emit("resize", { rows: 20, cols: 60 });
    await large.until(() => large.sizes.at(-1)?.cols === 60);
    large.type("\n");
    await large.until(() => large.text.includes("50 200") && large.sizes.at(-1)?.cols === 200);
    await small.until(() => small.sizes.at(-1)?.cols === 200);
    small.type("\n");
    await small.until(() => small.text.includes("20 60"));
  });

  test("answer a question of the program once: only the one that leads is heard", async () => {
    const terminal = await open("sh", "-c", "stty raw -echo; echo ready; cat");
    const [leader, other] = [await browser(terminal), await browser(terminal)];
    await leader.attach();
    await other.attach();
    leader.type("k");
    await other.until(() => other.text.endsWith("k"));
    other.socket.emit("input", { id: 0, data: Buffer.from("\u001b[?1;2c"), reply: true });
    await other.until(() => other.taken === 0);
    leader.socket.emit("input", { id: 1, data: Buffer.from("\u001b[0n"), reply: true });
    await leader.until(() => leader.text.endsWith("\u001b[0n"));
    expect(leader.text).not.toContain("1;2c");
  });
});

describe("a recording", () => {
  const fetchCast = (id: string, ticket: string) =>
    fetch(`http://127.0.0.1:${port}${recordingPath(session, id)}`, {
      headers: { authorization: `Bearer ${ticket}` },
    });
  const ticketFor = (terminal: string, role: string) =>
    tickets.sign({ right: "terminal", session, terminal, role });

  test("is made by who drives, told to all, and fetched with a ticket of the terminal", async () => {
    const terminal = await open("sh", "-c", "stty -echo; echo ready; read line; echo got $line; sleep 100");
    const [driver, viewer] = [await browser(terminal), await browser(terminal, "view")];
    await driver.attach();
    await viewer.attach();
    driver.socket.emit("record", { action: "start" });
    await viewer.until(() => viewer.recordings.at(-1)?.active === true);
    driver.type("it\n");
    await viewer.until(() => viewer.text.includes("got it"));
    driver.socket.emit("record", { action: "stop" });
    await viewer.until(() => viewer.recordings.at(-1)?.active === false);
    const answer = await fetchCast(terminal.id, await ticketFor(terminal.id, "view"));
    expect(answer.status).toBe(200);
    expect(answer.headers.get("content-type")).toBe("application/x-asciicast");
    expect(await answer.text()).toContain("got it");
  });

  test("is neither begun nor ended by who only watches", async () => {
    const terminal = await open("sh", "-c", "stty -echo; echo ready; cat");
    const [viewer, driver] = [await browser(terminal, "view"), await browser(terminal)];
    await viewer.attach();
    await driver.attach();
    viewer.socket.emit("record", { action: "start" });
    viewer.type("x");
    driver.type("seen\n");
    await viewer.until(() => viewer.text.includes("seen"));
    expect(terminal.recording).toBeNull();
  });

  test("is not given out without a ticket of this very terminal", async () => {
    const terminal = await open("sleep", "100");
    await terminal.record({ action: "start" });
    const good = await ticketFor(terminal.id, "view");
    const wrong = [
      fetchCast(terminal.id, ""),
      fetchCast(terminal.id, await ticketFor("terminal9999", "drive")),
      fetchCast(terminal.id, await tickets.sign({ right: "port", session, port: 80 })),
      fetchCast("terminal9999", good),
    ];
    for (const answer of await Promise.all(wrong)) expect(answer.status).toBe(401);
    const none = await open("sleep", "100");
    expect((await fetchCast(none.id, await ticketFor(none.id, "view"))).status).toBe(404);
    expect((await fetchCast(`${terminal.id}/../x`, good)).status).toBe(404);
  });
});

describe("an output flood", () => {
  test("before a viewer that does not draw neither fills the worker nor keeps another terminal waiting", async () => {
    const flood = await open("sh", "-c", "sleep 0.2; cat /dev/urandom | base64");
    const other = await open("sh", "-c", "stty raw -echo; echo ready; cat");
    const [stalled, quick, typist] = [
      await browser(flood),
      await browser(flood, "view"),
      await browser(other),
    ];
    stalled.acknowledges = false;
    await Promise.all([stalled.attach(), quick.attach(), typist.attach()]);
    await stalled.until(() => stalled.bytes >= OUTPUT_WINDOW_BYTES);
    const before = process.memoryUsage.rss();
    for (let key = 0; key < 200; key++) {
      typist.type(`<${key}>`);
      await typist.until(() => typist.text.endsWith(`<${key}>`));
    }
    expect(stalled.bytes).toBe(OUTPUT_WINDOW_BYTES);
    expect(process.memoryUsage.rss() - before).toBeLessThan(64 * 1024 * 1024);
  });
});

/** Browsers that the gateway counts. */
async function gatewayConnections(): Promise<number> {
  const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  return Number(/^slipway_terminal_connections ([0-9]+)$/m.exec(metrics)?.[1]);
}

describe("the door", () => {
  const auth = async (grant: Record<string, unknown> = {}, options = {}) => ({
    protocolVersion: PROTOCOL_VERSION,
    ticket: await tickets.sign(
      { right: "terminal", session, terminal: "terminal1", role: "drive", ...grant },
      options,
    ),
  });

  test("refuses an expired ticket as expired", async () => {
    const expired = new Browser(await auth({}, { expiresIn: -30 })).connected();
    await expect(expired).rejects.toMatchObject({ code: "ticket-expired" });
  });

  test("refuses tickets that are forged, for something else, or missing", async () => {
    const forger = await makeTicketFixture();
    const wrong = [
      {
        ...(await auth()),
        ticket: await forger.sign({ right: "terminal", session, terminal: "terminal1", role: "drive" }),
      },
      await auth({ right: "port", port: 80 }),
      await auth({ session: "session2" }),
      await auth({}, { issuer: "someone" }),
      { protocolVersion: PROTOCOL_VERSION },
      {},
    ];
    for (const each of wrong) {
      await expect(new Browser(each).connected(), JSON.stringify(each)).rejects.toMatchObject({
        code: "ticket-invalid",
      });
    }
  });

  test("refuses another version of the protocol", async () => {
    const old = new Browser({ ...(await auth()), protocolVersion: PROTOCOL_VERSION + 1 }).connected();
    await expect(old).rejects.toMatchObject({ code: "protocol-version" });
  });

  test("refuses pages of other origins", async () => {
    const foreign = new Browser(await auth(), { origin: "http://8080-session1.localhost:3000" }).connected();
    await expect(foreign).rejects.toMatchObject({ code: "refused" });
  });

  test("lets an attach wait for a terminal that is still being launched", async () => {
    let launched: (terminal: Terminal) => void = () => {};
    live.set("launching", new Promise<Terminal>((resolve) => (launched = resolve)));
    const page = await new Browser(await auth({ terminal: "launching" })).connected();
    const attached = page.attach();
    launched(await open("echo", "here at last"));
    expect(await attached).toMatchObject({ ok: true });
    await page.until(() => page.text.includes("here at last"));
  });

  test("says when there is no such terminal", async () => {
    const page = await new Browser(await auth({ terminal: "terminal999" })).connected();
    expect(await page.attach()).toMatchObject({ ok: false, error: { code: "terminal-missing" } });
  });

  test.each([
    ["attach", { next: -1 }],
    ["attach", null],
    ["input", { id: "1", data: Buffer.from("x") }],
    ["input", { id: 1, data: "text" }],
    ["input", { id: 1, data: Buffer.alloc(INPUT_CHUNK_BYTES + 1) }],
    ["resize", { rows: 0, cols: 80 }],
    ["resize", { rows: 1e9, cols: 80 }],
    ["acknowledge", { sequence: 1.5 }],
  ])("ends a connection that says %s wrongly", async (event, message) => {
    const page = await browser(await open("cat"));
    await page.attach();
    const ended = new Promise((resolve) => page.socket.once("disconnect", resolve));
    page.socket.emit(event, message);
    await ended;
  });

  test("ends a connection that attaches twice", async () => {
    const page = await browser(await open("cat"));
    await page.attach();
    const ended = new Promise((resolve) => page.socket.once("disconnect", resolve));
    void page.attach();
    await ended;
  });

  test("ends a connection that acknowledges output which it does not read", async () => {
    const terminal = await open("sh", "-c", "sleep 0.5; yes");
    const page = await browser(terminal);
    await page.attach();
    const engine = page.socket.io.engine;
    const ended = new Promise((resolve) => engine.once("close", resolve));
    const connection = Reflect.get(engine.transport, "ws")._socket as NetSocket;
    connection.pause();
    const lie = setInterval(() => page.socket.emit("acknowledge", { sequence: Number.MAX_SAFE_INTEGER }), 1);
    const closed = new Promise((resolve) => connection.once("close", resolve));
    try {
      await expect.poll(gatewayConnections, { timeout: 20_000 }).toBe(0);
    } finally {
      clearInterval(lie);
      connection.resume();
    }
    await Promise.race([ended, closed]);
    terminal.write(Buffer.from("\x03"));
  });

  test("takes no other transport than websocket", async () => {
    const headers = { origin: publicUrl };
    const polling = `http://127.0.0.1:${port}${GATEWAY_SOCKET_PATH}/?EIO=4&transport=polling`;
    expect((await fetch(polling, { headers })).status).toBe(400);
  });
});
