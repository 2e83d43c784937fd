import {
  AGENTS_NAMESPACE,
  type BuildEvents,
  CONTROL_PLANE_SOCKET_PATH,
  type ControlPlaneToWorker,
  type Hello,
  PROTOCOL_VERSION,
  type QueryReply,
  type Reply,
  replySchema,
  type SessionReport,
  SlipwayError,
  type Welcome,
  type WorkerCommand,
  type WorkerToControlPlane,
  welcomeSchema,
  wireErrorSchema,
  workerCommandSchema,
} from "@slipway/protocol";
import type { Logger } from "pino";
import { io, type Socket } from "socket.io-client";
import { z } from "zod";
import { CommandLog } from "./command-log.ts";

/** Longest wait for the control plane's answer to one message. */
const ANSWER_TIMEOUT_MS = 10_000;
const RECONNECT_MIN_MS = 200;
const RECONNECT_MAX_MS = 400;

const helloReplySchema = z.discriminatedUnion("ok", [
  z.object({ ok: z.literal(true), welcome: welcomeSchema }),
  z.object({ ok: z.literal(false), error: wireErrorSchema }),
]);

/** Promise.withResolvers, which Node 20 does not have. */
function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve = () => {};
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

export interface AgentOptions {
  readonly controlPlaneUrl: string;
  readonly joinToken: string;
  /** The facts of this moment; asked at every connect. */
  readonly hello: () => Hello;
  /** Acts on the difference between what is and what should be. */
  readonly welcome: (welcome: Welcome) => Promise<void>;
  /** Carries out a command and says what the reply holds beside its success; what it throws becomes the reply's error. */
  readonly command: (command: WorkerCommand) => Promise<Omit<Extract<Reply, { ok: true }>, "ok">>;
  /** Answers a question; what it is given has not been parsed. */
  readonly query: (message: unknown) => Promise<QueryReply>;
  readonly log: Logger;
}

/**
 * The worker's end of the channel to the control plane (worker/protocol, worker-channel). Dials, greets, and dials again
 * for ever; `connected` is true between a welcome and the next disconnect.
 */
export class Agent {
  readonly #options: AgentOptions;
  readonly #socket: Socket<ControlPlaneToWorker, WorkerToControlPlane>;
  readonly #commands = new CommandLog();
  #welcomed = false;
  #stopped = false;
  readonly #joined = deferred();

  constructor(options: AgentOptions) {
    this.#options = options;
    this.#socket = io(new URL(AGENTS_NAMESPACE, options.controlPlaneUrl).href, {
      path: CONTROL_PLANE_SOCKET_PATH,
      transports: ["websocket"],
      autoConnect: false,
      auth: { protocolVersion: PROTOCOL_VERSION, joinToken: options.joinToken },
      reconnectionDelay: RECONNECT_MIN_MS,
      reconnectionDelayMax: RECONNECT_MAX_MS,
    });
    this.#socket.on("connect", () => void this.#greet());
    this.#socket.on("disconnect", (reason) => this.#lost(reason));
    this.#socket.on("connect_error", (error) => this.#refused(error));
    this.#socket.on("command", (command, answer) => void this.#carryOut(command).then(answer));
    this.#socket.on("query", (query, answer) => void options.query(query).then(answer));
  }

  get connected(): boolean {
    return this.#welcomed && this.#socket.connected;
  }

  start(): void {
    this.#socket.connect();
  }

  /** Resolves at the first welcome. */
  joined(): Promise<void> {
    return this.#joined.promise;
  }

  stop(): void {
    this.#stopped = true;
    this.#socket.disconnect();
  }

  async sendBuildEvents(batch: BuildEvents): Promise<void> {
    if (!this.connected) throw new Error("not connected");
    this.#accept(await this.#socket.timeout(ANSWER_TIMEOUT_MS).emitWithAck("build-events", batch));
  }

  async sendReport(report: SessionReport): Promise<void> {
    if (!this.connected) throw new Error("not connected");
    this.#accept(await this.#socket.timeout(ANSWER_TIMEOUT_MS).emitWithAck("session-report", report));
  }

  #accept(answer: unknown): void {
    const reply = replySchema.parse(answer);
    if (!reply.ok) throw SlipwayError.fromWire(reply.error);
  }

  async #greet(): Promise<void> {
    const { log, hello, welcome } = this.#options;
    try {
      const answer = await this.#socket.timeout(ANSWER_TIMEOUT_MS).emitWithAck("hello", hello());
      const reply = helloReplySchema.parse(answer);
      if (!reply.ok) throw SlipwayError.fromWire(reply.error);
      this.#welcomed = true;
      await welcome(reply.welcome);
      log.info("joined the control plane");
      this.#joined.resolve();
    } catch (error) {
      log.error({ err: error }, "the control plane did not welcome this worker");
      this.#welcomed = false;
      this.#socket.disconnect();
      this.#dialLater();
    }
  }

  #lost(reason: string): void {
    if (this.#welcomed) this.#options.log.warn({ reason }, "lost the control plane");
    this.#welcomed = false;
    // A disconnect by the server is not redialled by socket.io.
    if (reason === "io server disconnect") this.#dialLater();
  }

  #refused(error: Error): void {
    this.#options.log.debug({ reason: error.message }, "cannot reach the control plane yet");
    // A refusal by the server's middleware ends socket.io's own retries.
    if (!this.#socket.active) this.#dialLater();
  }

  #dialLater(): void {
    setTimeout(() => {
      if (!this.#stopped) this.#socket.connect();
    }, RECONNECT_MAX_MS).unref();
  }

  async #carryOut(message: unknown): Promise<Reply> {
    const parsed = workerCommandSchema.safeParse(message);
    if (!parsed.success) {
      const error = new SlipwayError("request-invalid", z.prettifyError(parsed.error));
      this.#options.log.error({ err: error }, "a command that does not fit the protocol");
      return { ok: false, error: error.toWire() };
    }
    const command = parsed.data;
    return this.#commands.run(command.commandId, async () => {
      try {
        return { ok: true, ...(await this.#options.command(command)) };
      } catch (thrown) {
        this.#options.log.warn({ err: thrown, kind: command.kind }, "command failed");
        return { ok: false, error: SlipwayError.from(thrown).toWire() };
      }
    });
  }
}
