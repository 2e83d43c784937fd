import { once } from "node:events";
import type { AddressInfo } from "node:net";
import {
  AGENTS_NAMESPACE,
  type BuildEvent,
  CONTROL_PLANE_SOCKET_PATH,
  type Hello,
  helloSchema,
  type NumberedBuildEvent,
  PROTOCOL_VERSION,
  type QueryReply,
  type Reply,
  type sessionReportSchema,
  type Welcome,
  type WorkerCommand,
  type WorkerQuery,
} from "@slipway/protocol";
import { pino } from "pino";
import { io, type Socket } from "socket.io-client";
import type { z } from "zod";
import { createTemporaryDatabase } from "../../../prisma/temporary-database.ts";
import type { Person } from "./account/account.ts";
import { startControlPlane } from "./control-plane.ts";
import { openDatabase } from "./db/database.ts";
import { parseEnv } from "./env.ts";
import { openQueue } from "./jobs/queue.ts";
import { appRouter } from "./router.ts";
import { createCallerFactory, type Services } from "./trpc.ts";

/*
 * The stage of database tests: a real control plane on a database of its own, without pages. The worker's side is played
 * over a real socket.io connection, message by message, so that a test can put each one where it wants.
 */

export const JOIN_TOKEN = "join-token-of-the-tests";

export type Caller = ReturnType<typeof callerOf>;

const createCaller = createCallerFactory(appRouter);

function callerOf(controlPlane: Awaited<ReturnType<typeof startControlPlane>>, person: Person | null) {
  return createCaller({
    services: controlPlane.services,
    headers: {},
    address: "127.0.0.1",
    identify: () => Promise.resolve(person),
    setCookies: () => undefined,
  });
}

/** A browser of somebody: keeps the cookies that answers set, and shows them with every call. */
export class PlayedBrowser {
  readonly call: Caller;
  readonly #cookies = new Map<string, string>();

  constructor(services: Services) {
    this.call = createCaller(() => ({
      services,
      headers: this.headers,
      address: "127.0.0.1",
      identify: () => services.accounts.identify(this.headers),
      setCookies: (values) => this.take(values),
    }));
  }

  get headers(): { cookie?: string } {
    const pairs = [...this.#cookies].map(([name, value]) => `${name}=${value}`);
    return pairs.length === 0 ? {} : { cookie: pairs.join("; ") };
  }

  take(values: readonly string[]): void {
    for (const value of values) {
      const [, name = "", content = ""] = /^([^=]+)=([^;]*)/.exec(value) ?? [];
      if (/;\s*max-age=0(;|$)/i.test(value)) this.#cookies.delete(name);
      else this.#cookies.set(name, content);
    }
  }
}

export async function openStage(settings: Readonly<Record<string, string>> = {}) {
  const temporary = await createTemporaryDatabase();
  const database = openDatabase(temporary.url);
  const log = pino({ level: process.env.SLIPWAY_TEST_LOG ?? "silent" });
  const env = parseEnv({
    DATABASE_URL: temporary.url,
    SLIPWAY_SECRET: "s".repeat(32),
    SLIPWAY_JOIN_TOKEN: JOIN_TOKEN,
    ...settings,
  });
  const boot = async () => {
    const queue = await openQueue(temporary.url, log);
    const controlPlane = await startControlPlane({ env, database, queue, version: "0.0.0", log });
    controlPlane.agentsHttp.listen(0, "127.0.0.1");
    await once(controlPlane.agentsHttp, "listening");
    return { queue, controlPlane };
  };
  let running = await boot();
  const halt = async () => {
    await running.controlPlane.stop();
    running.controlPlane.agentsHttp.closeAllConnections();
    running.controlPlane.agentsHttp.close();
    await running.queue.stop();
  };
  return {
    database,
    env,
    get controlPlane() {
      return running.controlPlane;
    },
    get agentsUrl() {
      const { port } = running.controlPlane.agentsHttp.address() as AddressInfo;
      return `http://127.0.0.1:${port}`;
    },
    async enter(): Promise<Person> {
      return (await running.controlPlane.services.accounts.enterAsGuest()).person;
    },
    /** Every row of every table as text, as a dump of the database would hold it. */
    async dump(): Promise<string> {
      const tables = await database.$queryRaw<{ name: string }[]>`
        SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables
        WHERE schemaname NOT IN ('pg_catalog', 'information_schema')`;
      const texts = tables.map(async ({ name }) => {
        const rows = await database.$queryRawUnsafe<{ row: string }[]>(
          `SELECT t::text AS row FROM ${name} t`,
        );
        return rows.map(({ row }) => row).join("\n");
      });
      return (await Promise.all(texts)).join("\n");
    },
    browser: () => new PlayedBrowser(running.controlPlane.services),
    as: (person: Person | null) => callerOf(running.controlPlane, person),
    /** Another process takes over the same database. */
    async restart(): Promise<void> {
      await halt();
      running = await boot();
    },
    async close(): Promise<void> {
      await halt();
      await database.$disconnect();
      await temporary.drop();
    },
  };
}

export type Stage = Awaited<ReturnType<typeof openStage>>;

export const digestOf = (digit: string): string => `sha256:${digit.repeat(64)}`;

export const imageEvent = {
  type: "image",
  durationMs: 1,
  image: {
    digest: digestOf("a"),
    imageId: digestOf("b"),
    sizeBytes: 1,
    layerCount: 1,
    env: [],
    entrypoint: null,
    cmd: ["sh"],
    user: "",
    workingDir: "/",
    exposedPorts: [],
  },
} as unknown as BuildEvent;

export const logEvent = (number: number): BuildEvent => ({
  type: "log",
  step: 0,
  stream: "stdout",
  number,
  text: `line ${number} \u0000 with a NUL\n`,
});

/** The worker's end of the channel, under the hand of the test. */
export class PlayedWorker {
  readonly id: string;
  readonly commands: WorkerCommand[] = [];
  /** What commands are answered with; null leaves them without an answer. */
  answer: (command: WorkerCommand) => Reply | null = () => ({ ok: true });
  /** What questions are answered with; null leaves them without an answer. */
  answerQuery: (query: WorkerQuery) => QueryReply | null = () => null;
  readonly #socket: Socket;
  readonly #waiting: { kind: string; about: string; found: (command: WorkerCommand) => void }[] = [];

  constructor(url: string, id = "worker01", auth: Record<string, unknown> = {}) {
    this.id = id;
    this.#socket = io(url + AGENTS_NAMESPACE, {
      path: CONTROL_PLANE_SOCKET_PATH,
      transports: ["websocket"],
      reconnection: false,
      auth: { protocolVersion: PROTOCOL_VERSION, joinToken: JOIN_TOKEN, ...auth },
    });
    this.#socket.on("command", (command: WorkerCommand, reply: (answer: Reply) => void) => {
      const waiting = this.#waiting.findIndex(({ kind, about }) => isAbout(command, kind, about));
      if (waiting === -1) this.commands.push(command);
      else this.#waiting.splice(waiting, 1)[0]?.found(command);
      const answer = this.answer(command);
      if (answer) reply(answer);
    });
    this.#socket.on("query", (query: WorkerQuery, reply: (answer: QueryReply) => void) => {
      const answer = this.answerQuery(query);
      if (answer) reply(answer);
    });
  }

  /** Resolves when connected; rejects with the refusal's wire error. */
  connected(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#socket.once("connect", resolve);
      this.#socket.once("connect_error", (error) =>
        reject((error as Error & { data?: unknown }).data ?? error),
      );
    });
  }

  async hello(facts: Partial<Record<keyof Hello, unknown>> = {}): Promise<Welcome> {
    const hello = helloSchema.parse({
      workerId: this.id,
      version: "0.0.0",
      gatewayUrl: "http://127.0.0.1:9",
      capacity: { sessions: 1000, builds: 1000, memoryBytes: 1, cpus: 1 },
      runtime: { name: "crun", version: "1", hardened: false },
      images: [],
      baseImages: [],
      sessions: [],
      builds: [],
      ...facts,
    });
    const reply = await this.#socket.timeout(5_000).emitWithAck("hello", hello);
    if (!reply.ok) throw reply.error;
    return reply.welcome;
  }

  send(buildId: string, events: readonly NumberedBuildEvent[]): Promise<Reply> {
    return this.#socket.timeout(5_000).emitWithAck("build-events", { buildId, events });
  }

  report(report: z.input<typeof sessionReportSchema>): Promise<Reply> {
    return this.#socket.timeout(5_000).emitWithAck("session-report", report);
  }

  /** The next command of a kind about a build or session, an earlier unseen one included. */
  command<K extends WorkerCommand["kind"]>(
    kind: K,
    about: string,
  ): Promise<Extract<WorkerCommand, { kind: K }>> {
    const index = this.commands.findIndex((command) => isAbout(command, kind, about));
    const seen = index === -1 ? undefined : this.commands.splice(index, 1)[0];
    return new Promise((resolve) => {
      const found = (command: WorkerCommand) => resolve(command as Extract<WorkerCommand, { kind: K }>);
      if (seen) found(seen);
      else this.#waiting.push({ kind, about, found });
    });
  }

  leave(): void {
    this.#socket.disconnect();
  }
}

function isAbout(command: WorkerCommand, kind: string, about: string): boolean {
  if (command.kind !== kind) return false;
  if (command.kind === "build") return command.request.buildId === about;
  if (command.kind === "launch") return command.request.sessionId === about;
  return ("buildId" in command ? command.buildId : command.sessionId) === about;
}

/** A worker that is connected and welcome. */
export async function join(stage: Stage, id?: string, facts: Partial<Record<keyof Hello, unknown>> = {}) {
  const worker = new PlayedWorker(stage.agentsUrl, id);
  await worker.connected();
  await worker.hello(facts);
  return worker;
}

/** A playground whose first build has succeeded on the worker. */
export async function buildOnce(caller: Caller, worker: PlayedWorker) {
  const { id: playgroundId } = await caller.playground.create({});
  const { id: buildId } = await caller.build.start({ playgroundId, noCache: false });
  await worker.command("build", buildId);
  await worker.send(buildId, [{ sequence: 0, event: imageEvent }]);
  return { playgroundId, buildId };
}

export const size = { rows: 24, cols: 80 };
