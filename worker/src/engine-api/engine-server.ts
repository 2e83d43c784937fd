import { createServer, type IncomingMessage, type Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { Duplex, type Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Logger } from "pino";
import type { SessionHost } from "../session/session-host.ts";
import { EngineError, toEngineError } from "./engine-error.ts";
import { MULTIPLEXED_STREAM, RAW_STREAM } from "./frames.ts";
import { inTime, parseBody, parsed, readBody } from "./request-body.ts";
import type { Answer, ApiVersion, Call, Hijacked } from "./route.ts";
import { API_VERSION, atLeast, type Found, type Router } from "./router.ts";
import { bodyStream, takeBody } from "./upgraded-request.ts";
import { acceptWebSocket } from "./web-socket.ts";

/** Connections of one session at the same time; more are refused. */
const MOST_CONNECTIONS = 256;
/** How long a client may take, ms. */
export interface Patience {
  /** For the head of a request. */
  readonly headMs: number;
  /** For a body of JSON. Archives take as long as they take: they are written down as they come. */
  readonly bodyMs: number;
  /** How often connections are looked at. */
  readonly lookMs: number;
}
export const PATIENCE: Patience = { headMs: 60_000, bodyMs: 60_000, lookMs: 10_000 };
/** How long a connection waits for its next request: longer than clients keep one. */
const IDLE_TIMEOUT_MS = 120_000;
const SERVER = "Docker/24.0.0 (linux) Slipway";

/** A request, however it came: with its body still to be read, or with an upgrade behind it. */
interface Arrival {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly body: Readable;
  /** The raw connection of an upgrade, once the body has been taken off. */
  readonly upgraded: Duplex | null;
}

/** The server of one session. */
export class EngineServer {
  readonly #session: SessionHost;
  readonly #router: Router;
  readonly #log: Logger;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  readonly #patience: Patience;

  constructor(session: SessionHost, router: Router, log: Logger, patience = PATIENCE) {
    this.#session = session;
    this.#patience = patience;
    this.#router = router;
    this.#log = log;
    this.#server = createServer(
      {
        keepAliveTimeout: IDLE_TIMEOUT_MS,
        headersTimeout: patience.headMs,
        requestTimeout: 0,
        connectionsCheckingInterval: patience.lookMs,
      },
      (request, response) => void this.#answer({ request, response, body: request, upgraded: null }),
    );
    this.#server.maxConnections = MOST_CONNECTIONS;
    this.#server.on("connection", (socket: Socket) => this.#hold(socket));
    this.#server.on("upgrade", (request, socket: Socket, head) => void this.#upgrade(request, socket, head));
  }

  listen(path: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(path, () => {
        this.#server.off("error", reject);
        resolve();
      });
    });
  }

  #hold(socket: Socket): void {
    if (this.#sockets.has(socket)) return;
    this.#sockets.add(socket);
    socket.on("close", () => this.#sockets.delete(socket));
  }

  /** Answers a request that came to another server. Its connection ends with this one's. */
  take(request: IncomingMessage, response: ServerResponse): void {
    this.#hold(request.socket);
    this.#server.emit("request", request, response);
  }

  /** The same for one that asks for an upgrade. */
  takeUpgrade(request: IncomingMessage, socket: Socket, head: Buffer): void {
    this.#hold(socket);
    this.#server.emit("upgrade", request, socket, head);
  }

  /** Ends all connections, also those that were taken over. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  async #upgrade(request: IncomingMessage, socket: Socket, head: Buffer): Promise<void> {
    socket.on("error", () => socket.destroy());
    const response = new ServerResponse(request);
    response.assignSocket(socket);
    response.shouldKeepAlive = false;
    response.on("finish", () => socket.end());
    try {
      const body = bodyStream(await inTime(takeBody(request, socket, head), this.#patience.bodyMs));
      await this.#answer({ request, response, body, upgraded: socket });
    } catch (thrown) {
      sendError(response, toEngineError(thrown));
    }
  }

  async #answer(arrival: Arrival): Promise<void> {
    const { request, response } = arrival;
    const gone = new AbortController();
    response.on("close", () => gone.abort());
    response.setHeader("Api-Version", API_VERSION);
    response.setHeader("Docker-Experimental", "false");
    response.setHeader("Ostype", "linux");
    response.setHeader("Server", SERVER);
    try {
      const { pathname, searchParams } = new URL(request.url ?? "/", "http://engine");
      const found = this.#router.find(request.method ?? "GET", pathname);
      const answer = await this.#handle(arrival, found, searchParams, gone.signal);
      await send(answer, request, response, gone.signal);
    } catch (thrown) {
      this.#failed(thrown, arrival);
    }
  }

  async #handle(
    arrival: Arrival,
    { route, params, version }: Found,
    search: URLSearchParams,
    gone: AbortSignal,
  ): Promise<Answer> {
    const { request, body } = arrival;
    const call: Call<unknown, unknown> = {
      session: this.#session,
      params,
      query: route.query === undefined ? undefined : parsed(route.query, queryObject(search)),
      body: route.body === undefined ? undefined : parseBody(await this.#read(body), route.body),
      stream: body,
      headers: request.headers,
      version,
      gone,
      hijack: () => takeOver(arrival, version),
    };
    return await route.handle(call);
  }

  #read(body: Readable): Promise<Buffer> {
    return inTime(readBody(body), this.#patience.bodyMs);
  }

  #failed(thrown: unknown, { request, response, upgraded }: Arrival): void {
    const error = toEngineError(thrown);
    if (error.status >= 500) {
      this.#log.warn(
        { err: thrown, sessionId: this.#session.id, method: request.method, url: request.url?.slice(0, 200) },
        "a request of a docker client failed",
      );
    }
    if (upgraded?.destroyed) return;
    sendError(response, error);
  }
}

/** The first value of each name, or all of them where there are several. */
function queryObject(search: URLSearchParams): Record<string, string | string[]> {
  const names = new Set(search.keys());
  return Object.fromEntries(
    [...names].map((name) => {
      const [first = "", ...others] = search.getAll(name);
      return [name, others.length === 0 ? first : [first, ...others]];
    }),
  );
}

async function send(
  answer: Answer,
  request: IncomingMessage,
  response: ServerResponse,
  gone: AbortSignal,
): Promise<void> {
  switch (answer.kind) {
    case "hijacked":
      return;
    case "json":
      return sendText(response, answer.status, "application/json", `${JSON.stringify(answer.value)}\n`);
    case "text":
      return sendText(response, answer.status, "text/plain; charset=utf-8", answer.text, answer.headers);
    case "empty":
      response.writeHead(answer.status, { ...answer.headers, "Content-Length": 0 }).end();
      return;
    case "stream":
      response.writeHead(answer.status, { ...answer.headers, "Content-Type": answer.type });
      response.flushHeaders();
      if (request.method === "HEAD") return void response.end();
      // A client that has gone, and a source that breaks, both end with the connection.
      await pipeline(answer.body, response, { signal: gone }).catch(() => response.destroy());
  }
}

function sendText(
  response: ServerResponse,
  status: number,
  type: string,
  text: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { ...headers, "Content-Type": type, "Content-Length": Buffer.byteLength(text) });
  response.end(text);
}

function sendError(response: ServerResponse, error: EngineError): void {
  // Half an answer can only be broken off.
  if (response.headersSent) return void response.destroy();
  // What still comes of this request is not waited for.
  if (error.status === 408) response.setHeader("Connection", "close");
  sendText(response, error.status, "application/json", `${JSON.stringify({ message: error.message })}\n`);
}

function takeOver({ request, response, upgraded }: Arrival, version: ApiVersion): Hijacked {
  return {
    begin(multiplexed) {
      const type = multiplexed && atLeast(version, "1.42") ? MULTIPLEXED_STREAM : RAW_STREAM;
      if (upgraded !== null) {
        response.detachSocket(upgraded as Socket);
        upgraded.write(
          `HTTP/1.1 101 UPGRADED\r\nContent-Type: ${type}\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n`,
        );
        return upgraded;
      }
      // A client that does not ask for an upgrade sends stdin as its body.
      response.useChunkedEncodingByDefault = false;
      response.shouldKeepAlive = false;
      response.writeHead(200, { "Content-Type": type });
      response.flushHeaders();
      const connection = Duplex.from({ readable: request, writable: response });
      // A client may go before anybody else listens; its end is told by "close".
      connection.on("error", () => {});
      return connection;
    },
    beginWebSocket() {
      if (upgraded === null) throw new EngineError(400, "This is for WebSockets alone.");
      response.detachSocket(upgraded as Socket);
      return acceptWebSocket(request, upgraded);
    },
  };
}
