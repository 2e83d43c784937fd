import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { CONTROL_PLANE_SOCKET_PATH, GATEWAY_SOCKET_PATH, sessionIdSchema } from "@slipway/protocol";
import type { Logger } from "pino";
import type { Registry } from "prom-client";
import { AUTH_PATH, OIDC_CALLBACK } from "../account/auth.ts";
import { answerText, refuseUpgrade } from "./answers.ts";
import { CONTEXTS_PREFIX } from "./contexts.ts";
import { sessionOfDocker, sessionOfFile, takesFile } from "./gateway-paths.ts";
import type { GatewayProxy } from "./gateway-proxy.ts";
import { classifyHost, type HostRules, isForeignPage, isPlain } from "./hosts.ts";
import type { LinkRoutes } from "./link-routes.ts";
import { mayReadMetrics } from "./metrics.ts";
import { PLAYGROUNDS_PREFIX, type PlaygroundRoutes } from "./playground-routes.ts";
import { setSecurityHeaders } from "./security-headers.ts";
import type { SharedRoutes } from "./shared-routes.ts";
import { TRPC_PATH } from "./trpc-handler.ts";

type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

export interface FrontOptions {
  readonly hosts: HostRules;
  readonly isDevelopment: boolean;
  readonly gateways: GatewayProxy;
  /** Gets requests and upgrades of the worker channel; it never listens by itself. */
  readonly agents: Server;
  /** Gets upgrades of Next (development reload); it never listens by itself. */
  readonly pagesUpgrades: Server;
  readonly trpc: Handler;
  /** The end of a sign-in at an OpenID provider. */
  readonly auth: Handler;
  readonly contexts: Handler;
  readonly links: LinkRoutes;
  readonly playgrounds: PlaygroundRoutes;
  readonly shared: SharedRoutes;
  readonly pages: Handler;
  /** Null when all is well, otherwise one sentence. */
  readonly readiness: () => Promise<string | null>;
  readonly metrics: Registry;
  readonly metricsToken: string | undefined;
  /** @throws rate-limited */
  readonly countSignIn: (address: string) => Promise<void>;
  readonly log: Logger;
}

const isUnder = (pathname: string, prefix: string): boolean =>
  pathname === prefix || pathname.startsWith(`${prefix}/`);

/**
 * The one HTTP server of Slipway: it looks at the host first, then at the path, and hands over. Whatever is for a worker
 * is passed on unseen; our own origin takes changes only from its own pages.
 */
export function attachFront(server: Server, options: FrontOptions): void {
  const { hosts, log } = options;
  server.on("request", (request, response) => {
    route(options, request, response).catch((error: unknown) => {
      log.error({ err: error, path: withoutQuery(request) }, "a request failed");
      answerText(response, 500, "Something broke on our side.");
    });
  });
  server.on("upgrade", (request, socket, head) => {
    socket.on("error", (error) => log.debug({ err: error }, "an upgraded connection broke"));
    const host = classifyHost(request.headers.host, hosts);
    routeUpgrade(options, host, request, socket, head).catch((error: unknown) => {
      log.error({ err: error, path: withoutQuery(request) }, "an upgrade failed");
      socket.destroy();
    });
  });
}

/** A path that begins with two slashes stays a path: taken for a reference it would name a host. */
const urlOf = (request: IncomingMessage): URL => new URL(`http://slipway.invalid${request.url ?? "/"}`);

/** For the log. Queries hold tickets, and addresses of links their tokens. */
const withoutQuery = (request: IncomingMessage): string =>
  (request.url ?? "").split("?", 1)[0]?.replace(/^(\/(?:l|shared|git|gateway\/docker)\/).*/, "$1…") ?? "";

async function route(
  options: FrontOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (!isPlain(request)) return answerText(response, 400, "This is no request to a server.");
  const host = classifyHost(request.headers.host, options.hosts);
  if (host.kind === "unknown")
    return answerText(response, 421, "This server does not answer to this host name.");
  if (host.kind === "preview") return options.gateways.request(host.session, request, response);

  const { pathname } = urlOf(request);
  if (isUnder(pathname, CONTROL_PLANE_SOCKET_PATH))
    return void options.agents.emit("request", request, response);
  if (pathname.startsWith(CONTEXTS_PREFIX)) return options.contexts(request, response);
  const docker = sessionOfDocker(pathname);
  if (docker !== null) return options.gateways.docker(docker, request, response);
  const policy = setSecurityHeaders(response, {
    ...options.hosts,
    isDevelopment: options.isDevelopment,
  });
  if (pathname === "/healthz") return answerText(response, 200, "ok");
  if (pathname === "/readyz") return answerReadiness(options, response);
  if (pathname === "/metrics") return answerMetrics(options, request, response);
  if (isUnder(pathname, GATEWAY_SOCKET_PATH))
    return answerText(response, 426, "Only WebSocket is possible here.");

  // A git client has no origin, and its POST changes nothing.
  if (options.shared.matches(pathname)) return options.shared.request(request, response);
  const changes = request.method !== "GET" && request.method !== "HEAD";
  const speaks = isUnder(pathname, TRPC_PATH) || isUnder(pathname, AUTH_PATH);
  if ((changes || speaks) && isForeignPage(request, options.hosts.publicUrl)) {
    return answerText(response, 403, "This request comes from a page of another origin.");
  }
  const session = sessionOfFile(pathname);
  if (session !== null && (!changes || takesFile(pathname, session, request.method)))
    return options.gateways.file(session, request, response);
  if (pathname.startsWith(PLAYGROUNDS_PREFIX)) return options.playgrounds.request(request, response);
  if (isUnder(pathname, TRPC_PATH)) return options.trpc(request, response);
  if (pathname === OIDC_CALLBACK && !changes) return answerCallback(options, request, response);
  // The library behind accounts has endpoints of its own; procedures stand before all that people need of them.
  if (isUnder(pathname, AUTH_PATH)) return answerText(response, 404, "There is nothing here.");
  if (host.kind === "internal" && !options.isDevelopment) return redirectToPublic(options, request, response);
  // Next takes the nonce of its inline scripts from here.
  request.headers["content-security-policy"] = policy;
  if (options.links.matches(pathname)) return options.links.request(request, response);
  return options.pages(request, response);
}

async function routeUpgrade(
  options: FrontOptions,
  host: ReturnType<typeof classifyHost>,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): Promise<void> {
  if (!isPlain(request)) return refuseUpgrade(socket, 400, "Bad Request");
  if (host.kind === "unknown") return refuseUpgrade(socket, 421, "Misdirected Request");
  if (host.kind === "preview") return options.gateways.upgrade(host.session, request, socket, head);
  const url = urlOf(request);
  if (isUnder(url.pathname, CONTROL_PLANE_SOCKET_PATH)) {
    return void options.agents.emit("upgrade", request, socket, head);
  }
  const docker = sessionOfDocker(url.pathname);
  if (docker !== null) return options.gateways.dockerUpgrade(docker, request, socket, head);
  if (request.headers.origin !== options.hosts.publicUrl) {
    return refuseUpgrade(socket, 403, "Forbidden");
  }
  if (isUnder(url.pathname, GATEWAY_SOCKET_PATH)) {
    const session = sessionIdSchema.safeParse(url.searchParams.get("session"));
    if (!session.success) return refuseUpgrade(socket, 400, "Bad Request");
    return options.gateways.terminals(session.data, request, socket, head);
  }
  if (!options.isDevelopment) return refuseUpgrade(socket, 404, "Not Found");
  options.pagesUpgrades.emit("upgrade", request, socket, head);
}

async function answerReadiness(options: FrontOptions, response: ServerResponse): Promise<void> {
  const problem = await options.readiness().catch(() => "The database does not answer.");
  answerText(response, problem === null ? 200 : 503, problem ?? "ready");
}

async function answerMetrics(
  options: FrontOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (!mayReadMetrics(request, options.metricsToken)) return answerText(response, 403, "Not from here.");
  const text = await options.metrics.metrics();
  response.writeHead(200, { "content-type": options.metrics.contentType }).end(text);
}

async function answerCallback(
  options: FrontOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    await options.countSignIn(request.socket.remoteAddress ?? "unknown");
  } catch {
    return answerText(response, 429, "Too many requests.");
  }
  return options.auth(request, response);
}

/** Pages live at one origin, because cookies and the origin check do. */
function redirectToPublic(options: FrontOptions, request: IncomingMessage, response: ServerResponse): void {
  const { pathname, search } = urlOf(request);
  response.writeHead(307, { location: `${options.hosts.publicUrl}${pathname}${search}` }).end();
}
