import { Agent, type ClientRequestArgs } from "node:http";
import { connect, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { type SessionId, SlipwayError } from "@slipway/protocol";
import type { PreviewTargets } from "./gateway.ts";
import { ReadTurns } from "./read-turns.ts";

/** Longest wait for a container to take a connection. */
export const CONNECT_TIMEOUT_MS = 5_000;
/** Open connections to one session, all ports together; one request or WebSocket has one. */
export const CONNECTIONS_PER_SESSION = 512;
const CONNECTIONS_IN_ALL = 4_096;

/**
 * Opens connections to containers, each for one request, and ends them with their session: an address may be another
 * session's a moment later, and a container is one veth pair away.
 */
export class ContainerConnections {
  readonly #targets: PreviewTargets;
  readonly #turns = new ReadTurns();
  readonly #bySession = new Map<SessionId, Set<Socket>>();
  #count = 0;

  constructor(targets: PreviewTargets) {
    this.#targets = targets;
  }

  get count(): number {
    return this.#count;
  }

  /**
   * Where to go, and the agent that goes there; for one request, at once.
   * @throws session-missing, or rate-limited when the session or all sessions together have enough connections
   */
  to(session: SessionId, port: number): { readonly target: string; readonly agent: Agent } {
    const address = this.#targets.address(session);
    if (address === null) throw new SlipwayError("session-missing", "The session is not here.");
    const open = this.#bySession.get(session)?.size ?? 0;
    if (open >= CONNECTIONS_PER_SESSION || this.#count >= CONNECTIONS_IN_ALL)
      throw new SlipwayError("rate-limited", "The session has too many connections.");
    const agent = new SessionAgent({
      open: (socket) => this.#keep(session, socket),
      ready: (socket) => this.#turns.add(session, socket),
      stays: () => this.#targets.address(session) === address,
    });
    return { target: `http://${address}:${port}`, agent };
  }

  /** Runs `read`, which takes what the session has sent, when it is the session's turn. */
  inTurn(session: SessionId, read: () => void): void {
    this.#turns.wait(session, read);
  }

  /** Breaks off what is open to the session. */
  end(session: SessionId): void {
    for (const socket of this.#bySession.get(session) ?? []) {
      socket.destroy(new SlipwayError("session-missing", "The session has ended."));
    }
  }

  close(): void {
    for (const session of this.#bySession.keys()) this.end(session);
  }

  #keep(session: SessionId, socket: Socket): void {
    const sockets = this.#bySession.get(session) ?? new Set();
    this.#bySession.set(session, sockets.add(socket));
    this.#count += 1;
    socket.once("close", () => {
      this.#count -= 1;
      sockets.delete(socket);
      if (sockets.size === 0) this.#bySession.delete(session);
    });
  }
}

interface SessionConnections {
  open(socket: Socket): void;
  ready(socket: Socket): void;
  /** True while the address is still that of the session. */
  stays(): boolean;
}

class SessionAgent extends Agent {
  readonly #connections: SessionConnections;

  constructor(connections: SessionConnections) {
    super({ keepAlive: false });
    this.#connections = connections;
  }

  /**
   * The request gets its connection once that is open and the address is looked at again. A SYN is sent for seconds: where
   * the session ends meanwhile, another one may have answered it.
   */
  override createConnection(
    options: ClientRequestArgs,
    opened?: (error: Error | null, socket: Duplex) => void,
  ): undefined {
    const socket = connect({ host: options.host ?? "", port: Number(options.port) });
    this.#connections.open(socket);
    const timer = setTimeout(() => {
      socket.destroy(Object.assign(new Error("the container takes no connection"), { code: "ETIMEDOUT" }));
    }, CONNECT_TIMEOUT_MS);
    const failed = (error: Error) => opened?.(error, socket);
    socket.once("error", failed);
    socket.once("close", () => clearTimeout(timer));
    socket.once("connect", () => {
      clearTimeout(timer);
      if (!this.#connections.stays()) {
        socket.destroy(new SlipwayError("session-missing", "The session has ended."));
        return;
      }
      socket.off("error", failed);
      opened?.(null, socket);
      this.#connections.ready(socket);
    });
  }
}
