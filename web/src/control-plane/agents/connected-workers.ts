import {
  type Hello,
  QUERY_TIMEOUT_MS,
  type QueryAnswer,
  type QueryKind,
  type QueryOf,
  queryAnswerSchemas,
  queryReplySchema,
  type Reply,
  replySchema,
  type SessionId,
  SlipwayError,
  type WorkerCommand,
  type WorkerQuery,
} from "@slipway/protocol";

/** Longest wait for a worker's answer to a command; a stop answers when nothing of the session runs any more. */
export const COMMAND_TIMEOUT_MS = 30_000;
/** Times that an unanswered command is sent over one connection. */
const COMMAND_ATTEMPTS = 3;
/** Launches whose worker is remembered: browsers connect in the moment after. */
const REMEMBERED_LAUNCHES = 1_000;

/** One worker's end of a connection, as this process uses it. */
export interface WorkerLink {
  /** Sends a command and waits for the answer. Rejects when none came in time or the connection closed. */
  send(command: WorkerCommand, timeoutMs: number): Promise<unknown>;
  /** Sends a question, under the same conditions. */
  ask(query: WorkerQuery, timeoutMs: number): Promise<unknown>;
  readonly open: boolean;
  close(): void;
}

export interface ConnectedWorker {
  readonly hello: Hello;
  readonly link: WorkerLink;
}

/** The workers that are connected to this process and welcome. */
export class ConnectedWorkers {
  readonly #workers = new Map<string, ConnectedWorker>();
  readonly #draining = new Set<string>();
  /** Worker of each session that was launched lately, the newest last. */
  readonly #launched = new Map<SessionId, string>();

  /** Those that take new work. */
  open(): ConnectedWorker[] {
    return this.list().filter(({ hello }) => !this.#draining.has(hello.workerId));
  }

  setDraining(id: string, draining: boolean): void {
    if (draining) this.#draining.add(id);
    else this.#draining.delete(id);
  }

  get(id: string): ConnectedWorker | undefined {
    return this.#workers.get(id);
  }

  list(): ConnectedWorker[] {
    return [...this.#workers.values()];
  }

  add(worker: ConnectedWorker): void {
    this.#workers.set(worker.hello.workerId, worker);
  }

  /** Answers whether this connection was the worker's present one. */
  remove(id: string, link: WorkerLink): boolean {
    if (this.#workers.get(id)?.link !== link) return false;
    return this.#workers.delete(id);
  }

  /** Where the gateway of a session is that was launched through here lately; null for others. */
  gatewayOf(session: SessionId): string | null {
    return this.get(this.#launched.get(session) ?? "")?.hello.gatewayUrl ?? null;
  }

  /**
   * Sends a command, again and with the same id while the connection lives and no answer comes: commands are idempotent.
   * @throws worker-lost when it was not answered; the next `hello` tells what became of it
   */
  async command(id: string, command: WorkerCommand, timeoutMs = COMMAND_TIMEOUT_MS): Promise<Reply> {
    const worker = this.get(id);
    if (command.kind === "launch") this.#remember(command.request.sessionId, id);
    for (let attempt = 0; worker?.link.open && attempt < COMMAND_ATTEMPTS; attempt += 1) {
      const answer = await worker.link.send(command, timeoutMs).catch(() => null);
      const reply = replySchema.safeParse(answer);
      if (reply.success) return reply.data;
    }
    throw new SlipwayError("worker-lost", `The worker ${id} did not answer.`, { params: { worker: id } });
  }

  /**
   * Asks a worker something that changes nothing. It is asked once; what was not answered may be asked again.
   * @throws worker-lost when the worker is away or goes, worker-busy when no answer came in time, and what the worker says
   */
  async query<Kind extends QueryKind>(
    id: string,
    query: QueryOf<Kind>,
    timeoutMs = QUERY_TIMEOUT_MS,
  ): Promise<QueryAnswer<Kind>> {
    const worker = this.get(id);
    const params = { worker: id };
    if (!worker?.link.open) throw new SlipwayError("worker-lost", `The worker ${id} is away.`, { params });
    let answer: unknown;
    try {
      answer = await worker.link.ask(query, timeoutMs);
    } catch (cause) {
      const [code, what] = worker.link.open
        ? (["worker-busy", "did not answer in time"] as const)
        : (["worker-lost", "left before it answered"] as const);
      throw new SlipwayError(code, `The worker ${id} ${what}.`, { params, cause });
    }
    const reply = queryReplySchema.parse(answer);
    if (!reply.ok) throw SlipwayError.fromWire(reply.error);
    return queryAnswerSchemas[query.kind as Kind].parse(reply.answer) as QueryAnswer<Kind>;
  }

  #remember(session: SessionId, worker: string): void {
    this.#launched.set(session, worker);
    for (const oldest of this.#launched.keys()) {
      if (this.#launched.size <= REMEMBERED_LAUNCHES) break;
      this.#launched.delete(oldest);
    }
  }
}
