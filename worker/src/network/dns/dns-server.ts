import { createSocket, type Socket as UdpSocket } from "node:dgram";
import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { MAX_QUESTION_BYTES } from "./message.ts";
import type { NamedSession } from "./named-session.ts";
import type { Resolver } from "./resolver.ts";

const PORT = 53;
/** Connections over TCP, of one session and of all. */
const MAX_DIALOGS_PER_SESSION = 8;
const MAX_DIALOGS = 512;
/** A connection over which nothing came for so long is ended. */
const DIALOG_IDLE_MS = 10_000;
/** What the socket holds while this process is busy, bytes; about 5,000 questions. */
const RECEIVE_BYTES = 4 * 1024 * 1024;
/** Between two attempts to have the address, when another process still has it. */
const RETRY_MS = 250;

export interface DnsServerOptions {
  /** The service address, which must be one of this machine. */
  readonly address: string;
  readonly resolver: Resolver;
  /** The session that an address belongs to; packets with other senders than their own don't get here (rules.ts). */
  readonly sessionOf: (address: string) => NamedSession | null;
  readonly warn: (sentence: string) => void;
}

/**
 * The resolver's sockets, UDP and TCP. They are this process's: while none of ours runs, lookups fail at once, and the next
 * one opens them again.
 */
export class DnsServer {
  readonly #options: DnsServerOptions;
  readonly #closing = new AbortController();
  readonly #dialogs = new Map<Socket, string>();
  #udp: UdpSocket | null = null;
  #tcp: Server | null = null;

  constructor(options: DnsServerOptions) {
    this.#options = options;
  }

  /** Tries once and resolves; when the address is taken, goes on trying until it is free, and says so. */
  async open(): Promise<void> {
    if (await this.#tryOpen()) return;
    this.#options.warn(
      `Port ${PORT} of ${this.#options.address} is taken: sessions resolve no names until it is free.`,
    );
    void this.#keepTrying();
  }

  close(): void {
    this.#closing.abort();
    this.#closeSockets();
    for (const socket of this.#dialogs.keys()) socket.destroy();
  }

  async #keepTrying(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      await sleep(RETRY_MS, undefined, { signal, ref: false }).catch(() => {});
      if (!signal.aborted && (await this.#tryOpen())) return;
    }
  }

  async #tryOpen(): Promise<boolean> {
    const { address } = this.#options;
    const udp = createSocket({ type: "udp4", recvBufferSize: RECEIVE_BYTES });
    const tcp = createServer((socket) => this.#accept(socket));
    this.#udp = udp;
    this.#tcp = tcp;
    try {
      udp.bind(PORT, address);
      await once(udp, "listening");
      tcp.listen(PORT, address);
      await once(tcp, "listening");
    } catch {
      this.#closeSockets();
      return false;
    }
    udp.unref().on("error", () => {});
    tcp.unref().on("error", () => {});
    udp.on("message", (message, { address: from, port }) => void this.#reply(udp, message, from, port));
    return true;
  }

  #closeSockets(): void {
    this.#tcp?.close(() => {});
    // Closing twice throws, which says nothing new.
    try {
      this.#udp?.close();
    } catch {}
    this.#udp = null;
    this.#tcp = null;
  }

  async #reply(udp: UdpSocket, message: Buffer, from: string, port: number): Promise<void> {
    const session = this.#options.sessionOf(from);
    if (session === null) return;
    const answer = await this.#options.resolver.answer(session, message, "udp");
    if (answer === null || this.#udp !== udp) return;
    // Whoever asked may be gone.
    udp.send(answer, port, from, () => {});
  }

  #accept(socket: Socket): void {
    const session = this.#options.sessionOf(socket.remoteAddress ?? "");
    const sameSession = [...this.#dialogs.values()].filter((name) => name === session?.name).length;
    if (session === null || sameSession >= MAX_DIALOGS_PER_SESSION || this.#dialogs.size >= MAX_DIALOGS) {
      socket.destroy();
      return;
    }
    this.#dialogs.set(socket, session.name);
    socket.setTimeout(DIALOG_IDLE_MS, () => socket.destroy());
    socket.on("error", () => {});
    socket.on("close", () => this.#dialogs.delete(socket));
    void this.#converse(socket)
      .catch(() => {})
      .finally(() => socket.destroy());
  }

  /** One question after the other, so that an asker waits for itself (RFC 7766). */
  async #converse(socket: Socket): Promise<void> {
    const closed = new AbortController();
    socket.on("close", () => closed.abort());
    let received = Buffer.alloc(0);
    for await (const chunk of socket as AsyncIterable<Buffer>) {
      received = Buffer.concat([received, chunk]);
      while (received.length >= 2 && received.length >= received.readUInt16BE(0) + 2) {
        const size = received.readUInt16BE(0);
        const message = received.subarray(2, size + 2);
        received = received.subarray(size + 2);
        // Asked anew, since the session may have changed or gone meanwhile.
        const session = this.#options.sessionOf(socket.remoteAddress ?? "");
        const answer = session && (await this.#options.resolver.answer(session, message, "tcp"));
        if (!answer) return;
        const length = Buffer.alloc(2);
        length.writeUInt16BE(answer.length);
        if (!socket.write(Buffer.concat([length, answer]))) {
          await once(socket, "drain", { signal: closed.signal });
        }
      }
      if (received.length > 2 && received.readUInt16BE(0) > MAX_QUESTION_BYTES) return;
    }
  }
}
