import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { SessionId } from "@slipway/protocol";
import type { Logger } from "pino";
import { Counter, Gauge, type Registry } from "prom-client";
import { ContainerFileTransfers } from "./container-file-transfers.ts";
import { DockerDoor } from "./docker-door.ts";
import { Exports } from "./exports.ts";
import type {
  ContainerFilesDirectory,
  DockerHosts,
  Gateway,
  GatewayConfiguration,
  GatewayRoute,
  PreviewTargets,
  SessionFiles,
  TerminalDirectory,
} from "./gateway.ts";
import { Previews } from "./previews.ts";
import { Recordings } from "./recordings.ts";
import { isOwnHost, requestProblem } from "./request-rules.ts";
import { TerminalDoor } from "./terminal-door.ts";
import { TicketVerifier } from "./tickets.ts";

/** Largest header of a request: the ticket's cookie, and those of the app in the container. */
const HEADER_BYTES = 32 * 1024;
/** Longest time for a client to send the header, and the whole of a request; uploads into a container take their time. */
const HEADERS_TIMEOUT_MS = 20_000;
const REQUEST_TIMEOUT_MS = 60 * 60_000;

export interface HttpGatewayOptions {
  /** Address of the pages; its origin is the only one that terminals take connections from. */
  readonly publicUrl: string;
  readonly terminals: TerminalDirectory;
  readonly targets: PreviewTargets;
  readonly files: SessionFiles & ContainerFilesDirectory;
  readonly docker: DockerHosts;
  /** Where others find the gateway, if the operator says so; its name is one of the gateway's own. */
  readonly gatewayUrl: string | null;
  /** True while the worker can do its work; told by /readyz. */
  readonly ready: () => boolean;
  /** Where the gateway's metrics go, and what /metrics shows. */
  readonly metrics: Registry;
  readonly log: Logger;
}

export class HttpGateway implements Gateway {
  readonly #options: HttpGatewayOptions;
  readonly #server: Server;
  readonly #tickets = new TicketVerifier();
  readonly #terminals: TerminalDoor;
  readonly #previews: Previews;
  readonly #transfers: ContainerFileTransfers;
  readonly #docker: DockerDoor;
  readonly #routes: readonly GatewayRoute[];
  /** Names under which state is told. */
  readonly #ownNames: ReadonlySet<string>;

  constructor(options: HttpGatewayOptions) {
    this.#options = options;
    const { terminals, targets, files, publicUrl, log } = options;
    const publicOrigin = new URL(publicUrl).origin;
    const urls = [publicUrl, options.gatewayUrl ?? publicUrl];
    this.#ownNames = new Set(["localhost", ...urls.map((url) => new URL(url).hostname)]);
    this.#terminals = new TerminalDoor({ tickets: this.#tickets, terminals, publicOrigin, log });
    const previews = this.#measure();
    const observe = (outcome: string) => previews.inc({ outcome });
    this.#previews = new Previews({ tickets: this.#tickets, targets, publicUrl, log, observe });
    this.#transfers = new ContainerFileTransfers({ tickets: this.#tickets, files, log });
    this.#docker = new DockerDoor({ tickets: this.#tickets, hosts: options.docker, log });
    this.#routes = [
      this.#docker,
      this.#transfers,
      new Exports({ tickets: this.#tickets, files, log }),
      new Recordings({ tickets: this.#tickets, terminals, log }),
    ];
    this.#server = createServer({
      maxHeaderSize: HEADER_BYTES,
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
    });
    this.#server.on("request", (request, response) => this.#request(request, response));
    this.#server.on("upgrade", (request, socket, head) => this.#upgrade(request, socket, head));
  }

  listen(address: string, port: number): Promise<{ address: string; port: number }> {
    return new Promise((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(port, address, () => {
        this.#server.off("error", reject);
        const bound = this.#server.address();
        if (bound === null || typeof bound === "string") reject(new Error("the gateway has no address"));
        else resolve({ address: bound.address, port: bound.port });
      });
    });
  }

  configure(configuration: GatewayConfiguration): void {
    this.#tickets.setKey(configuration.ticketPublicKey);
    this.#previews.setDomain(configuration.previewDomain);
  }

  sessionEnds(session: SessionId): void {
    this.#previews.end(session);
    this.#transfers.end(session);
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
    await this.#terminals.close();
    this.#previews.close();
    this.#server.closeAllConnections();
    await closed;
  }

  #request(request: IncomingMessage, response: ServerResponse): void {
    const problem = requestProblem(request);
    if (problem !== null) {
      answer(response, 400, `${problem}\n`);
      return;
    }
    const preview = this.#previews.nameOf(request);
    if (preview !== null) {
      void this.#previews.request(preview, request, response);
      return;
    }
    const path = pathOf(request);
    const route = this.#routes.find((one) => one.matches(path));
    if (route !== undefined) void route.request(request, response);
    else if (this.#terminals.matches(path)) this.#terminals.request(request, response);
    else if (isOwnHost(request, this.#ownNames)) void this.#state(path, response);
    else answer(response, 421, "This server does not answer to this host name.\n");
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const preview = this.#previews.nameOf(request);
    if (requestProblem(request) !== null) socket.destroy();
    else if (preview !== null) void this.#previews.upgrade(preview, request, socket, head);
    else if (this.#docker.matches(pathOf(request))) void this.#docker.upgrade(request, socket, head);
    else if (this.#terminals.matches(pathOf(request))) this.#terminals.upgrade(request, socket, head);
    else socket.destroy();
  }

  async #state(path: string, response: ServerResponse): Promise<void> {
    switch (path) {
      case "/healthz":
        return answer(response, 200, "ok\n");
      case "/readyz":
        return this.#options.ready()
          ? answer(response, 200, "ready\n")
          : answer(response, 503, "not ready\n");
      case "/metrics": {
        const { metrics } = this.#options;
        return answer(response, 200, await metrics.metrics(), metrics.contentType);
      }
      default:
        return answer(response, 404, "There is nothing here.\n");
    }
  }

  #measure(): Counter<"outcome"> {
    const registers = [this.#options.metrics];
    const connections = () => this.#terminals.connections;
    new Gauge({
      name: "slipway_terminal_connections",
      help: "Browsers connected to terminals",
      registers,
      collect() {
        this.set(connections());
      },
    });
    const previewConnections = () => this.#previews.connections;
    new Gauge({
      name: "slipway_preview_connections",
      help: "Open connections to ports of sessions",
      registers,
      collect() {
        this.set(previewConnections());
      },
    });
    return new Counter({
      name: "slipway_preview_requests_total",
      help: "Requests to ports of sessions, by outcome: proxied, entered, or the code of an error",
      labelNames: ["outcome"],
      registers,
    });
  }
}

const pathOf = (request: IncomingMessage): string => (request.url ?? "").split("?", 1)[0] ?? "";

function answer(
  response: ServerResponse,
  status: number,
  text: string,
  type = "text/plain; charset=utf-8",
): void {
  response.writeHead(status, { "content-type": type, "cache-control": "no-store" });
  response.end(text);
}
