import { randomInt } from "node:crypto";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { connect, isIPv6 } from "node:net";
import { type Ask, encodeAsk, MAX_ANSWER_BYTES, parseReply, type Reply } from "./message.ts";

export interface Nameserver {
  readonly address: string;
  readonly port: number;
}

/** How long one server is waited for, over UDP; the next one is asked then. */
const UDP_MS = 1_500;
const TCP_MS = 3_000;
/** How often servers are asked for one question, one after the other; a lone one is asked again. */
const LEAST_TRIES = 2;
const MOST_TRIES = 3;
/** Questions under way outside for one session, and for all; each holds a socket. */
export const MAX_OUTSTANDING_PER_SESSION = 32;
const MAX_OUTSTANDING = 1_024;

type Outcome = ReturnType<typeof parseReply>;

/**
 * Asks the host's nameservers, for one session and one question at a time. Each question has a socket, and so a port, and an
 * id of its own, all random; what arrives from elsewhere or does not match is not even looked at (RFC 5452).
 */
export class Upstream {
  readonly #nameservers: () => Promise<readonly Nameserver[]>;
  readonly #outstanding = new Map<string, number>();
  readonly #closing = new AbortController();
  #total = 0;

  constructor(nameservers: () => Promise<readonly Nameserver[]>) {
    this.#nameservers = nameservers;
  }

  /** The answer, or null when there is none: nobody answers, or too many questions of the session are under way. */
  async ask(session: string, { name, type }: Pick<Ask, "name" | "type">): Promise<Reply | null> {
    const before = this.#outstanding.get(session) ?? 0;
    if (before >= MAX_OUTSTANDING_PER_SESSION || this.#total >= MAX_OUTSTANDING) return null;
    this.#outstanding.set(session, before + 1);
    this.#total += 1;
    try {
      return await this.#askInTurn(name, type);
    } finally {
      const left = (this.#outstanding.get(session) ?? 1) - 1;
      if (left === 0) this.#outstanding.delete(session);
      else this.#outstanding.set(session, left);
      this.#total -= 1;
    }
  }

  close(): void {
    this.#closing.abort();
  }

  async #askInTurn(name: string, type: string): Promise<Reply | null> {
    const servers = await this.#nameservers();
    const tries = Math.min(Math.max(servers.length, LEAST_TRIES), MOST_TRIES);
    for (let turn = 0; turn < tries && servers.length > 0 && !this.#closing.signal.aborted; turn++) {
      const server = servers[turn % servers.length];
      if (server === undefined) break;
      const ask = { id: randomInt(0x1_0000), name, type, wantsRecursion: true, udpBytes: null };
      const { signal } = this.#closing;
      const short = await overUdp(server, ask, AbortSignal.any([signal, AbortSignal.timeout(UDP_MS)]));
      if (short === null) continue;
      if (!short.truncated) return short;
      const whole = await overTcp(server, ask, AbortSignal.any([signal, AbortSignal.timeout(TCP_MS)]));
      if (whole !== null) return whole;
    }
    return null;
  }
}

async function overUdp(server: Nameserver, ask: Ask, signal: AbortSignal): Promise<Outcome> {
  const socket = createSocket(isIPv6(server.address) ? "udp6" : "udp4");
  try {
    const failed = once(socket, "error", { signal }).catch(() => {});
    socket.connect(server.port, server.address);
    const connected = once(socket, "connect", { signal }).then(
      () => true,
      () => false,
    );
    if (!(await Promise.race([connected, failed.then(() => false)]))) return null;
    const answered = new Promise<Outcome>((resolve) => {
      socket.on("message", (message) => {
        const reply = parseReply(message, ask);
        if (reply) resolve(reply);
      });
      void failed.then(() => resolve(null));
    });
    socket.send(encodeAsk(ask));
    return await answered;
  } finally {
    socket.on("error", () => {});
    socket.close();
  }
}

async function overTcp(server: Nameserver, ask: Ask, signal: AbortSignal): Promise<Outcome> {
  const socket = connect({ host: server.address, port: server.port, signal });
  try {
    const message = encodeAsk(ask);
    const length = Buffer.alloc(2);
    length.writeUInt16BE(message.length);
    socket.write(Buffer.concat([length, message]));
    let received = Buffer.alloc(0);
    for await (const chunk of socket as AsyncIterable<Buffer>) {
      received = Buffer.concat([received, chunk]);
      if (received.length < 2) continue;
      const size = received.readUInt16BE(0);
      if (size > MAX_ANSWER_BYTES) return null;
      if (received.length >= size + 2) return parseReply(received.subarray(2, size + 2), ask);
    }
    return null;
  } catch {
    return null;
  } finally {
    socket.on("error", () => {});
    socket.destroy();
  }
}
