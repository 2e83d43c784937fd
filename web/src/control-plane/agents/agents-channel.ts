import type { Server as HttpServer } from "node:http";
import {
  AGENTS_NAMESPACE,
  agentHandshakeSchema,
  buildEventsSchema,
  CONTROL_PLANE_SOCKET_PATH,
  type Hello,
  helloSchema,
  isFinal,
  PROTOCOL_VERSION,
  type Reply,
  SlipwayError,
  sessionReportSchema,
  type WorkerCommand,
  type WorkerId,
} from "@slipway/protocol";
import type { Logger } from "pino";
import { type Namespace, Server, type Socket } from "socket.io";
import { z } from "zod";
import type { BuildEventLog } from "../build/event-log.ts";
import { newCommandId } from "../ids.ts";
import type { SessionLog } from "../session/session-log.ts";
import type { Absence } from "./absence.ts";
import type { ConnectedWorkers, WorkerLink } from "./connected-workers.ts";
import type { Resync } from "./resync.ts";
import { isSameSecret } from "./secrets.ts";

/** Largest message of a worker: a full batch of build events. */
const MAX_MESSAGE_BYTES = 32 * 1024 * 1024;
/** Time that a connection has to present its token. */
const HANDSHAKE_TIMEOUT_MS = 5_000;

export interface AgentsChannelOptions {
  readonly joinToken: string;
  readonly workers: ConnectedWorkers;
  readonly absence: Absence;
  readonly resync: Resync;
  readonly events: BuildEventLog;
  readonly sessions: SessionLog;
  /** There may be room, or work may have come back. */
  readonly wake: () => void;
  readonly log: Logger;
}

/** The control plane's end of the channel to workers (protocol, worker-channel). */
export class AgentsChannel {
  readonly #options: AgentsChannelOptions;
  readonly #server: Server;
  readonly #namespace: Namespace;

  /** Serves on `http`, which gets all requests and upgrades of CONTROL_PLANE_SOCKET_PATH. */
  constructor(http: HttpServer, options: AgentsChannelOptions) {
    this.#options = options;
    this.#server = new Server(http, {
      path: CONTROL_PLANE_SOCKET_PATH,
      serveClient: false,
      transports: ["websocket"],
      perMessageDeflate: false,
      maxHttpBufferSize: MAX_MESSAGE_BYTES,
      connectTimeout: HANDSHAKE_TIMEOUT_MS,
      // Browsers send an Origin; workers don't.
      allowRequest: (request, answer) => answer(null, request.headers.origin === undefined),
    });
    this.#namespace = this.#server.of(AGENTS_NAMESPACE);
    this.#namespace.use((socket, next) => next(this.#refusal(socket.handshake.auth)));
    this.#namespace.on("connection", (socket) => this.#connected(socket));
  }

  stop(): void {
    this.#server.disconnectSockets(true);
  }

  #refusal(auth: unknown): Error | undefined {
    const handshake = agentHandshakeSchema.safeParse(auth);
    if (!handshake.success || !isSameSecret(handshake.data.joinToken, this.#options.joinToken)) {
      this.#options.log.warn("a worker with a wrong join token was refused");
      return refusal(new SlipwayError("join-refused", "The join token is wrong."));
    }
    const { protocolVersion } = handshake.data;
    if (protocolVersion === PROTOCOL_VERSION) return undefined;
    this.#options.log.warn({ protocolVersion }, "a worker of another protocol version was refused");
    const message = `This control plane speaks protocol version ${PROTOCOL_VERSION}, the worker ${protocolVersion}.`;
    const params = { expected: PROTOCOL_VERSION, given: protocolVersion };
    return refusal(new SlipwayError("protocol-version", message, { params }));
  }

  #connected(socket: Socket): void {
    const link = linkOf(socket);
    let workerId: WorkerId | null = null;
    const named = (): WorkerId => {
      if (workerId === null) throw new SlipwayError("request-invalid", "Say hello first.");
      return workerId;
    };
    socket.on("hello", (message: unknown, answer: unknown) => {
      void this.#reply(link, answer, async () => {
        const hello = parse(helloSchema, message);
        this.#takeOver(hello.workerId, link);
        const welcome = await this.#options.resync.welcome(hello);
        workerId = hello.workerId;
        this.#joined(hello, link);
        return { ok: true, welcome };
      }).then(() => this.#afterWelcome(workerId));
    });
    socket.on("build-events", (message: unknown, answer: unknown) => {
      void this.#reply(link, answer, async () => {
        const { buildId, events } = parse(buildEventsSchema, message);
        const outcome = await this.#options.events.append(buildId, named(), events);
        if (outcome === "too-large") this.cancelBuild(named(), buildId);
        if (outcome !== "stored" || events.some(({ event }) => isFinal(event))) this.#options.wake();
        return { ok: true };
      });
    });
    socket.on("session-report", (message: unknown, answer: unknown) => {
      void this.#reply(link, answer, async () => {
        const report = parse(sessionReportSchema, message);
        await this.#options.sessions.apply(named(), report);
        if (report.state === "ended") this.#options.wake();
        return { ok: true };
      });
    });
    socket.on("disconnect", (reason) => {
      if (workerId === null || !this.#options.workers.remove(workerId, link)) return;
      this.#options.log.warn({ worker: workerId, reason }, "a worker left");
      this.#options.absence.left(workerId);
    });
  }

  /** Tells a worker to drop a build that is over; a worker that is away learns it from its next welcome. */
  cancelBuild(workerId: string, buildId: z.infer<typeof buildEventsSchema>["buildId"]): void {
    if (!this.#options.workers.get(workerId)) return;
    const command: WorkerCommand = { kind: "cancel-build", commandId: newCommandId(), buildId };
    this.#options.workers
      .command(workerId, command)
      .catch((error: unknown) =>
        this.#options.log.warn({ err: error, buildId }, "a cancel was not answered"),
      );
  }

  /** Nothing goes to an earlier connection of the worker any more, and it counts as away until it is welcome. */
  #takeOver(workerId: WorkerId, link: WorkerLink): void {
    const { workers, absence } = this.#options;
    absence.left(workerId);
    const earlier = workers.get(workerId);
    if (!earlier || earlier.link === link) return;
    workers.remove(workerId, earlier.link);
    earlier.link.close();
  }

  #joined(hello: Hello, link: WorkerLink): void {
    if (!link.open) return;
    this.#options.workers.add({ hello, link });
    this.#options.absence.returned(hello.workerId);
    this.#options.log.info({ worker: hello.workerId, runtime: hello.runtime.name }, "a worker joined");
  }

  #afterWelcome(workerId: WorkerId | null): void {
    if (workerId === null) return;
    this.#options.wake();
    this.#options.resync
      .catchUp(workerId)
      .catch((error: unknown) =>
        this.#options.log.error({ err: error, worker: workerId }, "catching up failed"),
      );
  }

  /**
   * Answers a message. When it could not be taken although it was well formed, the connection is closed: the worker comes
   * back with a hello, and both sides agree again on what is missing.
   */
  async #reply(link: WorkerLink, answer: unknown, work: () => Promise<object>): Promise<void> {
    const respond = typeof answer === "function" ? answer : () => undefined;
    try {
      respond(await work());
    } catch (thrown) {
      const error = SlipwayError.from(thrown);
      this.#options.log.error({ err: thrown }, "a worker's message was not taken");
      const reply: Reply = { ok: false, error: error.toWire() };
      respond(reply);
      if (!(thrown instanceof MalformedMessage)) link.close();
    }
  }
}

function parse<S extends z.ZodType>(schema: S, message: unknown): z.output<S> {
  const parsed = schema.safeParse(message);
  if (parsed.success) return parsed.data;
  throw new MalformedMessage("request-invalid", z.prettifyError(parsed.error).slice(0, 2000));
}

/** A message that does not fit the protocol; the same would come again after a reconnect. */
class MalformedMessage extends SlipwayError {}

/** socket.io hands `data` of a middleware's error to the client's `connect_error`. */
const refusal = (error: SlipwayError): Error =>
  Object.assign(new Error(error.message), { data: error.toWire() });

const linkOf = (socket: Socket): WorkerLink => {
  const emit = (event: "command" | "query", message: unknown, timeoutMs: number): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const gone = () => reject(new Error("the connection closed"));
      socket.once("disconnect", gone);
      socket
        .timeout(timeoutMs)
        .emitWithAck(event, message)
        .then(resolve, reject)
        .finally(() => socket.off("disconnect", gone));
    });
  return {
    send: (command, timeoutMs) => emit("command", command, timeoutMs),
    ask: (query, timeoutMs) => emit("query", query, timeoutMs),
    get open() {
      return socket.connected;
    },
    close: () => void socket.disconnect(true),
  };
};
