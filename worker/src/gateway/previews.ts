import type { ClientRequest, IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { type PreviewProblem, type SessionId, SlipwayError } from "@slipway/protocol";
import { createProxyServer, type ProxyServer } from "httpxy";
import type { Logger } from "pino";
import { ContainerConnections } from "./container-connections.ts";
import type { PreviewTargets } from "./gateway.ts";
import { PreviewAccess } from "./preview-access.ts";
import { passAnswer } from "./preview-answer.ts";
import { enter, isOwnPath, renew } from "./preview-entry.ts";
import { PreviewFrame } from "./preview-frame.ts";
import { cleanRequest, cleanResponse } from "./preview-headers.ts";
import { type PreviewName, previewOf } from "./preview-name.ts";
import { answerProblem, refuseUpgrade } from "./preview-pages.ts";
import type { TicketVerifier } from "./tickets.ts";
import { HALF_OPEN_MS, tie } from "./tunnel.ts";

/** Longest silence of a container, before its answer or in it. */
const SILENCE_TIMEOUT_MS = 120_000;
/** Longest wait for a container to take a WebSocket. */
const UPGRADE_TIMEOUT_MS = 15_000;
/** Informational answers to one request, such as 103 (RFC 8297). */
const MOST_INFORMATION = 16;

export interface PreviewsOptions {
  readonly tickets: TicketVerifier;
  readonly targets: PreviewTargets;
  readonly publicUrl: string;
  readonly log: Logger;
  /** Called once per request with how it went: `proxied`, `entered`, `renewing`, or an error's code. */
  readonly observe: (outcome: string) => void;
}

/** Ports of sessions, each on an origin of its own. What comes from a container is passed on and never trusted. */
export class Previews {
  readonly #options: PreviewsOptions;
  readonly #access: PreviewAccess;
  readonly #connections: ContainerConnections;
  readonly #proxy: ProxyServer;
  /** Where what a request asks for is to be shown, for as long as it is under way. */
  readonly #frames = new WeakMap<IncomingMessage, PreviewFrame>();
  /** Connections of browsers that have asked for a WebSocket. */
  readonly #upgrading = new Set<Duplex>();

  constructor(options: PreviewsOptions) {
    this.#options = options;
    const scheme = new URL(options.publicUrl).protocol === "https:" ? "https" : "http";
    this.#access = new PreviewAccess(options.tickets, scheme);
    this.#connections = new ContainerConnections(options.targets);
    this.#proxy = createProxyServer({ proxyTimeout: SILENCE_TIMEOUT_MS, selfHandleResponse: true });
    this.#proxy.on("proxyRes", (answer, request, response) => {
      try {
        cleanResponse(answer, false);
        const frame = this.#frames.get(request);
        if (frame?.isRefusedBy(answer.headers)) {
          this.#refuseFrame(request, response);
          answer.destroy();
          return;
        }
        frame?.applyTo(answer.headers);
        answer.headers.connection = response.shouldKeepAlive ? "keep-alive" : "close";
        const session = this.nameOf(request)?.session;
        passAnswer(answer, response, (read) => session && this.#connections.inTurn(session, read));
      } catch {
        this.#answerInstead(request, response);
        answer.destroy();
      }
    });
    this.#proxy.on("proxyReq", (asked, request, response) => {
      boundInformation(asked);
      if (hasBody(request)) asked.flushHeaders();
      // Also after an answer that Node takes for the end of HTTP on this connection, of which it says nothing.
      asked.once("close", () => setImmediate(() => this.#answerInstead(request, response)));
    });
    this.#proxy.on("proxyReqWs", (request, _incoming, socket) => watchUpgrade(request, socket));
  }

  /** Domain of previews, with its port where it has one. */
  setDomain(domain: string): void {
    this.#access.setDomain(domain);
  }

  /** Open connections to containers. */
  get connections(): number {
    return this.#connections.count;
  }

  /** The port that the request's host names, or null when it is none of a preview. */
  nameOf(request: IncomingMessage): PreviewName | null {
    return previewOf(request, this.#access.site);
  }

  async request(name: PreviewName, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { publicUrl, observe } = this.#options;
    try {
      if (isOwnPath(request.url ?? "")) {
        await enter(this.#access, publicUrl, name, request, response);
        observe("entered");
        return;
      }
      await this.#access.admit(name, request);
      const { target, agent } = this.#connections.to(name.session, name.port);
      this.#frames.set(request, new PreviewFrame(request, name, this.#access.site, publicUrl));
      cleanRequest(request, this.#access.site, false);
      await this.#proxy.web(request, response, { target, agent });
      observe("proxied");
    } catch (thrown) {
      const problem = this.#problem(name, thrown);
      const needsTicket = problem.code === "ticket-invalid" || problem.code === "ticket-expired";
      if (needsTicket && renew(publicUrl, name, request, response)) return;
      answerProblem(request, response, problem, publicUrl);
    }
  }

  async upgrade(name: PreviewName, request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    this.#watch(socket);
    try {
      await this.#access.admit(name, request);
      if (!(socket instanceof Socket)) throw new SlipwayError("internal", "not a socket");
      if (request.headers.upgrade?.toLowerCase() !== "websocket" || request.method !== "GET")
        throw new SlipwayError("request-invalid", "Only a WebSocket can be opened.");
      const { target, agent } = this.#connections.to(name.session, name.port);
      cleanRequest(request, this.#access.site, true);
      this.#options.observe("proxied");
      await this.#proxy.ws(request, socket, { target, agent, upgradeTimeout: UPGRADE_TIMEOUT_MS }, head);
    } catch (thrown) {
      refuseUpgrade(socket, this.#problem(name, thrown));
    }
  }

  /** Breaks off all that is open to the session. */
  end(session: SessionId): void {
    this.#connections.end(session);
  }

  close(): void {
    this.#connections.close();
    for (const socket of this.#upgrading) socket.destroy();
  }

  /** A browser's connection that left HTTP: nothing else looks after it any more. */
  #watch(socket: Duplex): void {
    this.#upgrading.add(socket);
    // A browser that goes away before the container has answered is no error of ours.
    socket.on("error", () => {});
    socket.once("close", () => this.#upgrading.delete(socket));
    socket.once("finish", () => setTimeout(() => socket.destroy(), HALF_OPEN_MS).unref());
  }

  /** Answers in the place of a container that has not, if nobody else does. */
  #answerInstead(request: IncomingMessage, response: ServerResponse): void {
    if (response.headersSent || response.destroyed) return;
    this.#options.observe("port-unreachable");
    const port = this.nameOf(request)?.port ?? 0;
    const problem = { code: "port-unreachable", port, reason: "broken" } as const;
    answerProblem(request, response, problem, this.#options.publicUrl);
  }

  /** Says in the frame that the app does not want to be there; a browser would show a page of its own that explains nothing. */
  #refuseFrame(request: IncomingMessage, response: ServerResponse): void {
    this.#options.observe("frame-refused");
    answerProblem(request, response, { code: "frame-refused" }, this.#options.publicUrl);
  }

  #problem(name: PreviewName, thrown: unknown): PreviewProblem {
    const problem = problemOf(name, thrown);
    this.#options.observe(problem.code);
    this.#options.log.debug({ err: thrown, ...name }, "a preview could not be shown");
    return problem;
  }
}

/** True for an answer that can be passed on: Node would throw at a status that HTTP does not have (RFC 9110 section 15). */
const isAnswer = ({ statusCode }: IncomingMessage): boolean =>
  statusCode !== undefined && statusCode >= 200 && statusCode <= 999;

/** True for a request whose body may take its time, so that the container should know of it before. */
const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;

/** Ends a request that gets one informational answer after the other: they wait for nobody who reads them. */
function boundInformation(request: ClientRequest): void {
  let count = 0;
  request.on("information", () => {
    count += 1;
    if (count > MOST_INFORMATION) request.destroy(new Error("too many informational answers"));
  });
}

/** First in line, before the proxy itself writes what the container answered. */
function watchUpgrade(request: ClientRequest, socket: Socket): void {
  boundInformation(request);
  request.prependOnceListener("upgrade", (answer: IncomingMessage, container: Socket) => {
    cleanResponse(answer, true);
    tie(socket, container);
  });
  request.prependOnceListener("response", (answer: IncomingMessage) => {
    if (isAnswer(answer)) cleanResponse(answer, false);
    else request.destroy(new Error("no status of HTTP"));
  });
}

function problemOf(name: PreviewName, thrown: unknown): PreviewProblem {
  if (thrown instanceof SlipwayError) {
    const { code } = thrown;
    switch (code) {
      case "ticket-invalid":
      case "ticket-expired":
      case "session-missing":
      case "no-worker":
      case "forbidden":
      case "rate-limited":
      case "request-invalid":
        return { code };
    }
  }
  const cause = thrown instanceof Error && "code" in thrown ? String(thrown.code) : "";
  if (cause === "ETIMEDOUT") return { code: "port-unreachable", port: name.port, reason: "silent" };
  const broken = cause.startsWith("HPE_") || cause === "ECONNRESET";
  return { code: "port-unreachable", port: name.port, reason: broken ? "broken" : "closed" };
}
