import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import {
  GATEWAY_SOCKET_PATH,
  INPUT_CHUNK_BYTES,
  PROTOCOL_VERSION,
  SlipwayError,
  TERMINALS_NAMESPACE,
  terminalHandshakeSchema,
  type WorkerToBrowser,
} from "@slipway/protocol";
import type { Logger } from "pino";
import { Server } from "socket.io";
import { Drivers } from "./drivers.ts";
import type { TerminalDirectory } from "./gateway.ts";
import { TerminalConnection, type TerminalVisitor } from "./terminal-connection.ts";
import type { TerminalSocket, UncheckedEvents } from "./terminal-socket.ts";
import { CLOCK_TOLERANCE_S, type TicketVerifier } from "./tickets.ts";

/** Connections of all browsers to this worker's terminals. */
const MOST_CONNECTIONS = 4_096;
/** Largest message of a browser: input, and what surrounds it. */
const MESSAGE_BYTES = INPUT_CHUNK_BYTES + 4 * 1024;
/** Time for a browser to name its namespace and show its ticket. */
const HANDSHAKE_TIMEOUT_MS = 10_000;
/** Longest delay that a timer can hold (Node.js, timers). */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export interface TerminalDoorOptions {
  readonly tickets: TicketVerifier;
  readonly terminals: TerminalDirectory;
  /** Origin of the pages; browsers tell theirs and can't lie. */
  readonly publicOrigin: string;
  readonly log: Logger;
}

/** Terminals over socket.io, as protocol's browser-channel.ts says. */
export class TerminalDoor {
  readonly #options: TerminalDoorOptions;
  readonly #drivers = new Drivers();
  readonly #io: Server<UncheckedEvents, WorkerToBrowser>;
  /**
   * Never listens. socket.io takes over the server that it is attached to; the gateway hands this one what is meant for
   * it, after it has looked at the host.
   */
  readonly #server = createServer();

  constructor(options: TerminalDoorOptions) {
    this.#options = options;
    this.#io = new Server(this.#server, {
      path: GATEWAY_SOCKET_PATH,
      transports: ["websocket"],
      perMessageDeflate: false,
      serveClient: false,
      maxHttpBufferSize: MESSAGE_BYTES,
      connectTimeout: HANDSHAKE_TIMEOUT_MS,
      allowRequest: (request, answer) => answer(null, this.#allows(request)),
    });
    const namespace = this.#io.of(TERMINALS_NAMESPACE);
    namespace.use((socket, next) => {
      this.#admit(socket).then(
        () => next(),
        (thrown) => next(refusal(thrown)),
      );
    });
    namespace.on("connection", (socket) => this.#welcome(socket));
  }

  /** True for requests that `request` and `upgrade` take. */
  matches(path: string): boolean {
    return path === GATEWAY_SOCKET_PATH || path.startsWith(`${GATEWAY_SOCKET_PATH}/`);
  }

  request(request: IncomingMessage, response: ServerResponse): void {
    this.#server.emit("request", request, response);
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.#server.emit("upgrade", request, socket, head);
  }

  get connections(): number {
    return this.#io.engine.clientsCount;
  }

  async close(): Promise<void> {
    this.#io.disconnectSockets(true);
    await this.#io.close();
  }

  #allows(request: IncomingMessage): boolean {
    return request.headers.origin === this.#options.publicOrigin && this.connections < MOST_CONNECTIONS;
  }

  async #admit(socket: TerminalSocket): Promise<void> {
    const handshake = terminalHandshakeSchema.safeParse(socket.handshake.auth);
    if (!handshake.success) throw new SlipwayError("ticket-invalid", "A connection shows a ticket.");
    if (handshake.data.protocolVersion !== PROTOCOL_VERSION) {
      throw new SlipwayError(
        "protocol-version",
        "The page is of another version than the worker; reload it.",
      );
    }
    const { grant, expiresAt } = await this.#options.tickets.verify(handshake.data.ticket);
    const { session } = socket.handshake.query;
    if (grant.right !== "terminal" || (session !== undefined && session !== grant.session)) {
      throw new SlipwayError("ticket-invalid", "The ticket is for something else.");
    }
    socket.data.visitor = { grant, client: handshake.data.client } satisfies TerminalVisitor;
    socket.data.expiresAt = expiresAt;
  }

  #welcome(socket: TerminalSocket): void {
    const visitor: TerminalVisitor = socket.data.visitor;
    const { grant } = visitor;
    const { terminals, log } = this.#options;
    endAt(socket, socket.data.expiresAt);
    log.debug({ session: grant.session, terminal: grant.terminal, role: grant.role }, "a viewer connects");
    new TerminalConnection(socket, visitor, this.#drivers, () =>
      terminals.find(grant.session, grant.terminal),
    );
  }
}

/**
 * A connection lasts as long as its ticket: who may go on gets another and comes back, as after any break. So whoever lost the
 * right is out within a ticket's time.
 */
function endAt(socket: TerminalSocket, expiresAt: number): void {
  const delay = Math.min(expiresAt + CLOCK_TOLERANCE_S * 1000 - Date.now(), LONGEST_TIMER_MS);
  const timer = setTimeout(() => socket.conn.request.socket.destroy(), delay);
  socket.on("disconnect", () => clearTimeout(timer));
}

/** socket.io gives `data` of an error to the browser's `connect_error`. */
function refusal(thrown: unknown): Error & { data: unknown } {
  const error = SlipwayError.from(thrown);
  return Object.assign(new Error(error.message), { data: error.toWire() });
}
