import { execFile } from "node:child_process";
import { once } from "node:events";
import { request as httpRequest, type IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import type { Digest, LaunchRequest, SessionHostView } from "@slipway/protocol";
import { engineSocket } from "../session/engine-door.ts";
import type { Sessions } from "../session/session.ts";
import type { SessionHost } from "../session/session-host.ts";
import type { TestMachine } from "../session/test-machine.ts";
import { createEngineApi } from "./create-engine-api.ts";
import type { EngineApi } from "./engine-api.ts";
import type { Patience } from "./engine-server.ts";
import { imageSources } from "./parts-fixture.ts";

/** Longest run of a docker client. */
const CLIENT_MS = 60_000;

export interface Said {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Reply {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly text: string;
}

export interface EngineOptions {
  readonly image?: Digest;
  readonly changes?: Partial<LaunchRequest>;
  /** Hosts of loopback that are registries. */
  readonly registries?: readonly string[];
  readonly patience?: Patience;
}

/** A session on a real machine, and the real docker client outside of it, pointed at its socket. */
export class TestEngine {
  readonly machine: TestMachine;
  readonly request: LaunchRequest;
  readonly socket: string;
  readonly #own: { sessions: Sessions; engines: EngineApi };

  private constructor(
    machine: TestMachine,
    request: LaunchRequest,
    socket: string,
    own: { sessions: Sessions; engines: EngineApi },
  ) {
    this.machine = machine;
    this.request = request;
    this.socket = socket;
    this.#own = own;
  }

  /** Launches a session whose main process is a shell. */
  static async launch(machine: TestMachine, options: EngineOptions = {}): Promise<TestEngine> {
    const image = options.image ?? (await machine.image(["sh"]));
    const request = machine.request(image, {
      limits: {
        memoryBytes: 512 * 1024 * 1024,
        cpus: 2,
        pids: 512,
        diskBytes: 512 * 1024 * 1024,
        openFiles: 1024,
        networkBytesPerSecond: 10_000_000,
      },
      expiresAt: Date.now() + 600_000,
      ...options.changes,
    });
    const sessions = await machine.sessions();
    await sessions.launch(request);
    await machine.report(request.sessionId, ({ state }) => state !== "starting");
    return await TestEngine.#at(machine, request, sessions, options);
  }

  static async #at(
    machine: TestMachine,
    request: LaunchRequest,
    sessions: Sessions,
    { registries = [], patience }: EngineOptions = {},
  ): Promise<TestEngine> {
    const engines = createEngineApi({
      directory: machine.directory,
      about: { version: "test", runtime: machine.parts.runtime },
      parts: machine.parts,
      ...(await imageSources(machine, registries)),
      log: machine.parts.log,
      ...(patience && { patience }),
    });
    const host = sessions.host(request.sessionId);
    if (host === null) throw new Error("the session does not run");
    await engines.serve(host);
    const socket = engineSocket(machine.directory, host.place);
    return new TestEngine(machine, request, socket, { sessions, engines });
  }

  get sessions(): Sessions {
    return this.#own.sessions;
  }

  get host(): SessionHost {
    const host = this.sessions.host(this.request.sessionId);
    if (host === null) throw new Error("the session does not run");
    return host;
  }

  /** What the page is told. */
  view(): Promise<SessionHostView> {
    return this.#own.engines.view(this.host);
  }

  /** The manifest that an image id of the session stands for. */
  manifest(imageId: Digest): Promise<Digest> {
    return this.#own.engines.manifest(this.host, imageId);
  }

  /** What a worker that was killed leaves, taken over by the next one. */
  async restarted(): Promise<TestEngine> {
    await this.#own.engines.close();
    await this.sessions.release();
    const sessions = await this.machine.sessions();
    await sessions.recover();
    return await TestEngine.#at(this.machine, this.request, sessions);
  }

  async end(): Promise<void> {
    await this.#own.engines.close();
    await this.sessions.endAll();
  }

  /** Runs `docker` of this machine against the session. */
  docker(args: readonly string[], options: { input?: string; api?: string } = {}): Promise<Said> {
    return this.client("docker", args, options);
  }

  /** Runs a client that is told where Docker is by its environment. */
  client(
    program: string,
    args: readonly string[],
    { input, api, cwd }: { input?: string; api?: string; cwd?: string } = {},
  ): Promise<Said> {
    const env = {
      PATH: process.env.PATH,
      HOME: this.machine.directory,
      DOCKER_HOST: `unix://${this.socket}`,
      DOCKER_BUILDKIT: "0",
      ...(api === undefined ? {} : { DOCKER_API_VERSION: api }),
    };
    return new Promise((resolve) => {
      const child = execFile(
        program,
        [...args],
        { env, cwd, timeout: CLIENT_MS, maxBuffer: 256 * 1024 * 1024 },
        (error, stdout, stderr) => {
          const exitCode = error === null ? 0 : typeof error.code === "number" ? error.code : -1;
          resolve({ exitCode, stdout, stderr });
        },
      );
      child.stdin?.on("error", () => {});
      child.stdin?.end(input ?? "");
    });
  }

  /** One request by hand: a text or bytes as they are, everything else as JSON. */
  async ask(
    method: string,
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Reply> {
    const isRaw = typeof body === "string" || body instanceof Uint8Array;
    const content = body === undefined || isRaw ? body : JSON.stringify(body);
    const request = httpRequest({
      socketPath: this.socket,
      method,
      path,
      headers: { ...(content === undefined ? {} : { "Content-Type": "application/json" }), ...headers },
    });
    request.end(content);
    const [response] = (await once(request, "response")) as [IncomingMessage];
    return { status: response.statusCode ?? 0, headers: response.headers, text: await text(response) };
  }
}
