import {
  type AttachReply,
  acknowledgeSchema,
  attachSchema,
  inputSchema,
  OUTPUT_WINDOW_BYTES,
  type Recording,
  recordCommandSchema,
  SlipwayError,
  type TerminalExit,
  type TerminalSize,
  type TicketGrant,
  terminalSizeSchema,
} from "@slipway/protocol";
import type { z } from "zod";
import type { Attachment, Terminal, Viewer } from "../terminal/terminal.ts";
import type { Driver, Drivers } from "./drivers.ts";
import { emitOutput, type TerminalSocket } from "./terminal-socket.ts";

/**
 * Output that may wait for a browser's connection. The window keeps an honest browser below it; one that acknowledges
 * what it has not read is cut off here.
 */
const BACKLOG_BYTES = 2 * OUTPUT_WINDOW_BYTES;

/** What was taken is told so much later, all at once: a key's echo goes first. */
const TAKEN_MS = 20;

export type TerminalGrant = Extract<TicketGrant, { right: "terminal" }>;

/** Who has been let in. */
export interface TerminalVisitor {
  readonly grant: TerminalGrant;
  /** Names the page over all of its connections to this terminal. */
  readonly client: string;
}

/** One browser's connection to one terminal, good for one attach. A message that is not of the contract ends it. */
export class TerminalConnection implements Viewer, Driver {
  readonly #socket: TerminalSocket;
  readonly #grant: TerminalGrant;
  readonly #client: string;
  readonly #drivers: Drivers;
  readonly #find: () => Promise<Terminal | null>;
  #terminal: Terminal | null = null;
  #attachment: Attachment | null = null;
  #attaching = false;
  /** The size that this browser asked for last, until the terminal has it. */
  #asked: TerminalSize | null = null;
  #backlogBytes = 0;
  #taken = -1;
  #tellTaken: NodeJS.Timeout | undefined;
  #room: TerminalSize | null = null;

  constructor(
    socket: TerminalSocket,
    visitor: TerminalVisitor,
    drivers: Drivers,
    find: () => Promise<Terminal | null>,
  ) {
    this.#socket = socket;
    this.#grant = visitor.grant;
    this.#client = visitor.client;
    this.#drivers = drivers;
    this.#find = find;
    socket.on("attach", (message, answer) => void this.#attach(message, answer));
    socket.on("acknowledge", (message) => this.#acknowledge(message));
    socket.on("input", (message) => this.#input(message));
    socket.on("resize", (message) => this.#resize(message));
    socket.on("record", (message) => this.#record(message));
    socket.on("disconnect", () => this.#leave());
    // The transport takes what waits only when it has passed on what it took before.
    socket.conn.on("drain", () => {
      this.#backlogBytes = 0;
    });
  }

  get room(): TerminalSize | null {
    return this.#room;
  }

  output(sequence: number, data: Uint8Array): void {
    this.#backlogBytes += data.byteLength;
    if (this.#backlogBytes > BACKLOG_BYTES) this.dropped();
    else emitOutput(this.#socket, { sequence, data });
  }

  resized(size: TerminalSize): void {
    // The browser that asked for the size has it; telling it again would undo a newer one that is under way.
    const own = this.#asked?.rows === size.rows && this.#asked.cols === size.cols;
    if (own) this.#asked = null;
    else this.#socket.emit("size", size);
  }

  taken(id: number): void {
    this.#taken = id;
    this.#tellTaken ??= setTimeout(() => {
      this.#tellTaken = undefined;
      this.#socket.emit("taken", { id: this.#taken });
    }, TAKEN_MS);
  }

  recorded(recording: Recording): void {
    this.#socket.emit("recording", recording);
  }

  exited(exit: TerminalExit): void {
    this.#socket.emit("exit", exit);
  }

  dropped(): void {
    this.#attachment?.detach();
    // Not socket.io's disconnect, which a browser takes for final and which waits for what is not read: the browser sees
    // a broken connection, comes back, and asks for the rest.
    this.#socket.conn.request.socket.destroy();
  }

  async #attach(message: unknown, answer: unknown): Promise<void> {
    const attach = this.#parse(attachSchema, message);
    if (attach === null) return;
    if (typeof answer !== "function" || this.#attaching) {
      this.#end();
      return;
    }
    this.#attaching = true;
    const reply = (value: AttachReply): void => {
      answer(value);
    };
    const terminal = await this.#find().catch(() => null);
    if (!this.#socket.connected) return;
    if (terminal === null) {
      const error = new SlipwayError("terminal-missing", "There is no such terminal on this worker.");
      reply({ ok: false, error: error.toWire() });
      return;
    }
    const attachment = terminal.attach(attach.next, this, this.#client);
    this.#terminal = terminal;
    this.#attachment = attachment;
    const { start, end, size, checkpoint } = attachment;
    const { role } = this.#grant;
    reply({ ok: true, attached: { start, end, size, role, checkpoint, recording: terminal.recording } });
  }

  #acknowledge(message: unknown): void {
    const acknowledge = this.#parse(acknowledgeSchema, message);
    if (acknowledge !== null) this.#attachment?.acknowledge(acknowledge.sequence);
  }

  #input(message: unknown): void {
    const input = this.#parse(inputSchema, message);
    if (input === null || this.#grant.role !== "drive" || this.#attachment === null) return;
    if (this.#terminal === null) return;
    const { id, data, reply = false } = input;
    if (!reply) this.#drivers.lead(this.#terminal, this);
    else if (!this.#drivers.isHeard(this.#terminal, this)) {
      this.taken(id);
      return;
    }
    if (!this.#attachment.input(id, data)) this.#end();
  }

  #resize(message: unknown): void {
    const size = this.#parse(terminalSizeSchema, message);
    const terminal = this.#terminal;
    if (size === null || this.#grant.role !== "drive" || terminal === null) return;
    const differs = () => size.rows !== terminal.size.rows || size.cols !== terminal.size.cols;
    this.#room = size;
    if (differs()) this.#asked = size;
    this.#drivers.lead(terminal, this);
    if (differs()) terminal.resize(size);
  }

  #record(message: unknown): void {
    const command = this.#parse(recordCommandSchema, message);
    if (command === null || this.#grant.role !== "drive") return;
    void this.#terminal?.record(command);
  }

  #leave(): void {
    clearTimeout(this.#tellTaken);
    this.#attachment?.detach();
    if (this.#terminal !== null) this.#drivers.leave(this.#terminal, this);
  }

  #parse<Schema extends z.ZodType>(schema: Schema, message: unknown): z.output<Schema> | null {
    const parsed = schema.safeParse(message);
    if (parsed.success) return parsed.data;
    this.#end();
    return null;
  }

  #end(): void {
    this.#socket.disconnect(true);
  }
}
