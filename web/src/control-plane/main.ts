import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import path from "node:path";
import { pino } from "pino";
import { type ControlPlane, startControlPlane } from "./control-plane.ts";
import { openDatabase } from "./db/database.ts";
import { migrationNames, schemaMismatch } from "./db/schema-version.ts";
import { parseEnv, type WebEnv } from "./env.ts";
import { answerText } from "./http/answers.ts";
import { createContextsHandler } from "./http/contexts.ts";
import { attachFront } from "./http/front.ts";
import { GatewayProxy } from "./http/gateway-proxy.ts";
import { LinkRoutes } from "./http/link-routes.ts";
import { createMetrics } from "./http/metrics.ts";
import { LaterPages, openPages } from "./http/pages.ts";
import { PlaygroundRoutes } from "./http/playground-routes.ts";
import { SharedRoutes } from "./http/shared-routes.ts";
import { createTrpcHandler } from "./http/trpc-handler.ts";
import { openQueue } from "./jobs/queue.ts";
import { turn } from "./turn.ts";
import { SLIPWAY_VERSION } from "./version.ts";

/** The process is over after this time, whatever still hangs. */
const HARD_STOP_MS = 8_000;
/** Requests under way may finish for this long; event streams never end by themselves. */
const SOFT_STOP_MS = 1_500;

/** Longest time that a client may take to send a request's headers. */
const HEADERS_TIMEOUT_MS = 20_000;
/** The same for the whole of a request; uploads into previews take their time. */
const REQUEST_TIMEOUT_MS = 60 * 60_000;

const isDevelopment = process.env.NODE_ENV === "development";
/** From source: web/src/control-plane. Built: the folder that build.mjs made. */
const isBuilt = !import.meta.filename.endsWith(".ts");
const webDirectory = isBuilt
  ? path.join(import.meta.dirname, "web")
  : path.join(import.meta.dirname, "../..");
const migrations = path.join(import.meta.dirname, isBuilt ? "migrations" : "../../../prisma/migrations");

async function start(env: WebEnv): Promise<void> {
  const log = pino({ level: env.SLIPWAY_LOG_LEVEL, base: { process: "web" } });
  const database = openDatabase(env.DATABASE_URL);
  const expected = migrationNames(migrations);
  const { hostname } = new URL(env.SLIPWAY_PUBLIC_URL);
  const paging = { isDevelopment, directory: webDirectory, hostname, port: env.SLIPWAY_PORT };
  const pages = new LaterPages(() => openPages(paging), log);
  await turn(() => Promise.all([pages.open(), schemaMismatch(database, expected)]));
  const mismatch = await schemaMismatch(database, expected).catch((error: unknown) => {
    throw new Error("The database does not answer; is DATABASE_URL right?", { cause: error });
  });
  if (mismatch) throw new Error(mismatch);
  // Before anything is taken up: a second start beside the first must not touch the first one's work.
  const server = createServer(
    { headersTimeout: HEADERS_TIMEOUT_MS, requestTimeout: REQUEST_TIMEOUT_MS },
    answerStarting,
  );
  await listen(server, env);
  const queue = await openQueue(env.DATABASE_URL, log);
  const controlPlane = await startControlPlane({ env, database, queue, version: SLIPWAY_VERSION, log });
  const { services, signals, workers } = controlPlane;
  server.off("request", answerStarting);
  attachFront(server, {
    hosts: {
      publicUrl: env.SLIPWAY_PUBLIC_URL,
      previewDomain: env.SLIPWAY_PREVIEW_DOMAIN,
      extraHosts: env.SLIPWAY_EXTRA_HOSTS,
    },
    isDevelopment,
    gateways: new GatewayProxy(database, workers, signals, log),
    agents: controlPlane.agentsHttp,
    pagesUpgrades: pages.upgrades,
    trpc: createTrpcHandler(services, log),
    auth: controlPlane.authHandler,
    contexts: createContextsHandler(database, env.SLIPWAY_JOIN_TOKEN),
    links: new LinkRoutes({ services, publicUrl: env.SLIPWAY_PUBLIC_URL, pages: pages.handle }),
    playgrounds: new PlaygroundRoutes({ services, database }),
    shared: new SharedRoutes({ services, database }),
    pages: pages.handle,
    readiness: async () => (await pages.trouble()) ?? (await schemaMismatch(database, expected)),
    metrics: createMetrics(database, workers),
    metricsToken: env.SLIPWAY_METRICS_TOKEN,
    countSignIn: (address) => services.rateLimits.spend("sign-in", address),
    log,
  });
  log.info(
    { address: env.SLIPWAY_LISTEN_ADDRESS, port: env.SLIPWAY_PORT, version: SLIPWAY_VERSION },
    "listening",
  );

  stopOnSignal(async () => {
    await stopServing(server, controlPlane);
    await Promise.all([queue.stop(), pages.close()]);
    await database.$disconnect();
    log.info("stopped");
  });
}

function answerStarting(_request: IncomingMessage, response: ServerResponse): void {
  answerText(response, 503, "Slipway is starting.");
}

function listen(server: Server, env: WebEnv): Promise<void> {
  const { SLIPWAY_PORT: port, SLIPWAY_LISTEN_ADDRESS: address } = env;
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const reason = error.code === "EADDRINUSE" ? "another program uses it already" : error.message;
      reject(
        new Error(`Slipway can't listen on ${address}:${port}: ${reason}. SLIPWAY_PORT names another port.`),
      );
    });
    server.listen(port, address, resolve);
  });
}

async function stopServing(server: Server, controlPlane: ControlPlane): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  await controlPlane.stop();
  const timer = setTimeout(() => server.closeAllConnections(), SOFT_STOP_MS);
  await closed;
  clearTimeout(timer);
}

function stopOnSignal(stop: () => Promise<void>): void {
  let stopping = false;
  const onSignal = () => {
    if (stopping) process.exit(1);
    stopping = true;
    setTimeout(() => process.exit(1), HARD_STOP_MS).unref();
    stop().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  process.on("SIGTERM", onSignal);
  process.on("SIGINT", onSignal);
}

try {
  await start(parseEnv(process.env));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
