import { Agent, type IncomingMessage, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { SessionId } from "@slipway/protocol";
import { createProxyServer, type ProxyServer, proxyUpgrade } from "httpxy";
import type { Logger } from "pino";
import type { ConnectedWorkers } from "../agents/connected-workers.ts";
import type { Database } from "../db/database.ts";
import type { Signals } from "../signals.ts";
import { answerText, refuseUpgrade } from "./answers.ts";
import { DockerAddresses } from "./docker-addresses.ts";
import { passDockerRequest, passDockerUpgrade } from "./docker-tunnel.ts";

/** Longest silence of a gateway before an answer begins; previews may think for long. */
const ANSWER_TIMEOUT_MS = 120_000;
/** Longest wait for a gateway to take an upgrade. */
const UPGRADE_TIMEOUT_MS = 15_000;
/** Idle connections to gateways that are kept for the next request. */
const IDLE_CONNECTIONS = 64;
/** How long the address of a session's gateway is remembered. */
const ADDRESS_TTL_MS = 2_000;
/** Addresses that are remembered. */
const ADDRESS_CACHE_SIZE = 10_000;

interface Remembered {
  readonly url: string;
  readonly until: number;
}

/**
 * Passes bytes between browsers and the gateways of workers, without looking into them: the gateway checks the tickets.
 * `Host` stays as it is; forwarding headers of the client are replaced by ours. What goes there from our own origin goes without
 * the cookies of people, and brings none back: a worker is trusted with sessions, not with sign-ins.
 */
export class GatewayProxy {
  readonly #database: Database;
  readonly #workers: Pick<ConnectedWorkers, "gatewayOf">;
  readonly #previews: ProxyServer;
  readonly #files: ProxyServer;
  /** As many connections as there are requests: the gateway bounds each session, so that none takes the place of others. */
  readonly #agent = new Agent({ keepAlive: true, maxFreeSockets: IDLE_CONNECTIONS });
  readonly #addresses = new Map<SessionId, Remembered>();
  readonly #dockerAddresses: DockerAddresses;
  readonly #log: Logger;

  constructor(
    database: Database,
    workers: Pick<ConnectedWorkers, "gatewayOf">,
    signals: Signals,
    log: Logger,
  ) {
    this.#database = database;
    this.#dockerAddresses = new DockerAddresses(database, signals);
    this.#workers = workers;
    this.#log = log;
    this.#previews = this.#open();
    this.#files = this.#open();
    this.#files.on("proxyRes", (answer) => delete answer.headers["set-cookie"]);
  }

  /** A request to a preview's host. */
  async request(session: SessionId, request: IncomingMessage, response: ServerResponse): Promise<void> {
    await this.#pass(this.#previews, session, request, response);
  }

  /** A request for a file of a session, on our own host. */
  async file(session: SessionId, request: IncomingMessage, response: ServerResponse): Promise<void> {
    delete request.headers.cookie;
    await this.#pass(this.#files, session, request, response);
  }

  /** A WebSocket to a preview's host. */
  async upgrade(session: SessionId, request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const target = await this.#gatewayOf(session);
    if (!target) return refuseUpgrade(socket, 404, "Not Found");
    withoutForwarding(request);
    try {
      await proxyUpgrade(target, request, socket, head, { xfwd: true, upgradeTimeout: UPGRADE_TIMEOUT_MS });
    } catch (error) {
      this.#log.debug({ err: error }, "a gateway did not take an upgrade");
      if (!socket.destroyed) refuseUpgrade(socket, 502, "Bad Gateway");
    }
  }

  /** A WebSocket to the terminals of a session, on our own host. */
  async terminals(session: SessionId, request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    delete request.headers.cookie;
    await this.upgrade(session, request, socket, head);
  }

  /** A request of a docker client elsewhere, on our own host. */
  async docker(session: SessionId, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const target = await this.#gatewayOf(session);
    if (!target) return answerText(response, 404, "There is no such session.");
    if (!(await this.#dockerAddresses.isGood(session, request.url ?? "")))
      return answerText(response, 401, "This docker address is not valid any more.");
    withoutForwarding(request);
    this.#endWithAddress(session, request.url ?? "", response);
    passDockerRequest(target, request, response, (error) => {
      this.#log.debug({ err: error }, "a gateway broke a request of docker off");
      answerText(response, 502, "The worker did not answer.");
    });
  }

  async dockerUpgrade(
    session: SessionId,
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
  ): Promise<void> {
    const target = await this.#gatewayOf(session);
    if (!target) return refuseUpgrade(socket, 404, "Not Found");
    if (!(await this.#dockerAddresses.isGood(session, request.url ?? "")))
      return refuseUpgrade(socket, 401, "Unauthorized");
    withoutForwarding(request);
    this.#endWithAddress(session, request.url ?? "", socket);
    passDockerUpgrade(target, request, socket, head);
  }

  /** What a docker client has open is over when its address is taken back. */
  #endWithAddress(session: SessionId, path: string, open: Duplex | ServerResponse): void {
    const use = new AbortController();
    open.once("close", () => use.abort());
    this.#dockerAddresses
      .follow(session, path, use.signal, () => open.destroy())
      .catch((error: unknown) => {
        this.#log.warn({ err: error, sessionId: session }, "a docker address can't be followed");
        open.destroy();
      });
  }

  #open(): ProxyServer {
    const proxy = createProxyServer({ xfwd: true, proxyTimeout: ANSWER_TIMEOUT_MS, agent: this.#agent });
    // A body may take its time; whoever answers it early has to know of the request before.
    proxy.on("proxyReq", (asked, { headers }) => {
      const hasBody = Number(headers["content-length"] ?? 0) > 0;
      if (hasBody || headers["transfer-encoding"] !== undefined) asked.flushHeaders();
    });
    proxy.on("error", (error, _request, response) => {
      this.#log.debug({ err: error }, "a gateway broke a request off");
      if (response && "writeHead" in response) answerText(response, 502, "The worker did not answer.");
    });
    return proxy;
  }

  async #pass(
    proxy: ProxyServer,
    session: SessionId,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const target = await this.#gatewayOf(session);
    if (!target) return answerText(response, 404, "There is no such session.");
    withoutForwarding(request);
    await proxy.web(request, response, { target });
  }

  async #gatewayOf(session: SessionId): Promise<string | null> {
    const known = this.#workers.gatewayOf(session);
    if (known) return known;
    const remembered = this.#addresses.get(session);
    if (remembered && remembered.until > Date.now()) return remembered.url;
    const [row] = await this.#database.$queryRaw<{ url: string }[]>`
      SELECT w.gateway_url AS url FROM sessions s JOIN workers w ON w.id = s.worker_id WHERE s.id = ${session}`;
    // A session that waits for a worker may have one a moment later.
    if (!row) return null;
    const { url } = row;
    if (this.#addresses.size >= ADDRESS_CACHE_SIZE) this.#addresses.clear();
    this.#addresses.set(session, { url, until: Date.now() + ADDRESS_TTL_MS });
    return url;
  }
}

function withoutForwarding(request: IncomingMessage): void {
  for (const name of Object.keys(request.headers)) {
    if (name === "forwarded" || name.startsWith("x-forwarded-")) delete request.headers[name];
  }
}
