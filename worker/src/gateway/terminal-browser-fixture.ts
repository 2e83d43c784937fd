import { randomBytes } from "node:crypto";
import path from "node:path";
import {
  type AttachReply,
  GATEWAY_SOCKET_PATH,
  type Output,
  PROTOCOL_VERSION,
  type Recording,
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
import { afterAll, afterEach, beforeAll, expect } from "vitest";
import { makePtyFixture, type PtyFixture, shimProgram } from "../terminal/pty-fixture.ts";
import { ShimTerminals } from "../terminal/shim-terminals.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { NO_DOCKER, NO_FILES } from "./gateway-fixture.ts";
import { HttpGateway } from "./http-gateway.ts";
import { makeTicketFixture, type TicketFixture } from "./ticket-fixture.ts";

/*
 * For tests of terminals over the gateway: a real gateway with real shims, and pages' ends of the channel. Whoever imports this
 * gets them for the tests of its file.
 */

export const publicUrl = "http://localhost:3000";
export const session = sessionIdSchema.parse("session1");
export const live = new Map<string, Terminal | Promise<Terminal>>();
const browsers: Browser[] = [];

let fixture: PtyFixture;
export let tickets: TicketFixture;
export let terminals: ShimTerminals;
let gateway: HttpGateway;
export let port: number;
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
    files: NO_FILES,
    docker: NO_DOCKER,
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

export async function open(...argv: string[]): Promise<Terminal> {
  const id = terminalIdSchema.parse(`terminal${number++}`);
  const terminal = await terminals.open(id, { rows: 24, cols: 80 }, fixture.command(...argv));
  live.set(id, terminal);
  return terminal;
}

/** A page's end of the channel. */
export class Browser {
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

export async function browser(
  terminal: Terminal,
  role: "view" | "drive" = "drive",
  expiresIn = 60,
  client = randomBytes(12).toString("hex"),
): Promise<Browser> {
  const grant = { right: "terminal", session, terminal: terminal.id, role };
  const ticket = await tickets.sign(grant, { expiresIn });
  return new Browser({ protocolVersion: PROTOCOL_VERSION, ticket, client }).connected();
}
