import { rm } from "node:fs/promises";
import { cpus, totalmem } from "node:os";
import { type Hello, type SessionId, type SessionReport, SlipwayError } from "@slipway/protocol";
import { type Logger, pino } from "pino";
import { collectDefaultMetrics, Gauge, Registry } from "prom-client";
import { Agent } from "./agent/agent.ts";
import { createAnswerers } from "./agent/answerers.ts";
import { BuildOutbox } from "./agent/build-outbox.ts";
import { BuildRunner, MAX_BUILDS_AT_ONCE } from "./agent/build-runner.ts";
import { createContextClient } from "./agent/context-client.ts";
import { type ControlParts, carryOut, facts, resynchronise } from "./agent/control.ts";
import { QueryDesk } from "./agent/query-desk.ts";
import { ReportOutbox } from "./agent/report-outbox.ts";
import { readWorkerId } from "./agent/worker-id.ts";
import { publicNames } from "./builder/base-images/public-names.ts";
import { createEngineApi } from "./engine-api/create-engine-api.ts";
import type { EngineApi } from "./engine-api/engine-api.ts";
import { parseEnv, type WorkerEnv } from "./env.ts";
import { HttpGateway } from "./gateway/http-gateway.ts";
import { type ImageSources, makeStarters, openBuilder, openTransfer } from "./image-sources.ts";
import { logCollected, type Machine, openMachine } from "./machine.ts";
import { turn } from "./process/turn.ts";
import { SessionRecords } from "./session/record.ts";
import type { Sessions } from "./session/session.ts";
import type { SessionHost } from "./session/session-host.ts";
import { createSessions } from "./session/sessions.ts";
import { WORKER_VERSION } from "./version.ts";

/** Last reports may take so long to arrive before the process ends all the same. */
const FAREWELL_MS = 3_000;

function openMetrics(counts: Record<string, () => number>): Registry {
  const metrics = new Registry();
  collectDefaultMetrics({ register: metrics });
  for (const [name, count] of Object.entries(counts)) {
    new Gauge({
      name: `slipway_worker_${name}`,
      help: `Number of ${name} at this moment.`,
      registers: [metrics],
      collect() {
        this.set(count());
      },
    });
  }
  return metrics;
}

/** The upper half: sessions, builds, the channel to the control plane and the gateway, each told of the others. */
async function openWorker(env: WorkerEnv, log: Logger, machine: Machine, sources: ImageSources) {
  const { parts } = machine;
  const { builder } = sources;
  const buildOutbox = new BuildOutbox((batch) => agent.sendBuildEvents(batch));
  const reportOutbox: ReportOutbox = new ReportOutbox(
    (report) => agent.sendReport(report),
    (report) => sessions.acknowledged(report),
  );
  const engines = createEngineApi({
    directory: parts.directory,
    about: { version: WORKER_VERSION, runtime: parts.runtime },
    parts,
    ...sources,
    log,
  });
  const sessions = createSessions({
    parts,
    records: await SessionRecords.open(machine.inside("sessions")),
    maxSessions: env.SLIPWAY_MAX_SESSIONS,
    warmStarts: env.SLIPWAY_WARM_SESSIONS,
    isBusy: () => builds.count > 0,
    onReport: (report) => {
      if (report.state === "stopping" || report.state === "ended") gateway.sessionEnds(report.sessionId);
      followSession(engines, sessions, report, log);
      reportOutbox.push(report);
    },
  });
  const builds = new BuildRunner({
    builder,
    fetchContext: createContextClient(env.SLIPWAY_CONTROL_PLANE_URL, env.SLIPWAY_JOIN_TOKEN),
    emit: (buildId, event) => {
      buildOutbox.push(buildId, event);
      if (event.type === "image") sessions.expectLaunch(event.image.digest);
    },
    log,
  });
  const gateway = new HttpGateway({
    publicUrl: env.SLIPWAY_PUBLIC_URL,
    terminals: { find: (session, terminal) => sessions.awaitTerminal(session, terminal) },
    targets: { address: (session) => sessions.address(session) },
    files: sessions,
    docker: engines,
    gatewayUrl: env.SLIPWAY_GATEWAY_URL ?? null,
    ready: () => agent.connected,
    metrics: openMetrics({
      sessions: () => sessions.count,
      builds: () => builds.count,
      prepared_starts: () => sessions.prepared,
    }),
    log,
  });
  const gatewayUrl = await listen(env, gateway);
  const configureGateway: ControlParts["configureGateway"] = (welcome) => gateway.configure(welcome);
  const control: ControlParts = {
    sessions,
    builds,
    steps: builder,
    buildOutbox,
    reportOutbox,
    configureGateway,
  };
  const desk = new QueryDesk(
    createAnswerers({
      ...parts,
      sessions,
      hostView: async (session) => await engines.view(hostOf(sessions, session)),
      hostImage: async (session, imageId) => await engines.manifest(hostOf(sessions, session), imageId),
    }),
    log,
  );
  const about = await describe(env, machine, sources.baseImages.names, gatewayUrl);
  const agent = new Agent({
    controlPlaneUrl: env.SLIPWAY_CONTROL_PLANE_URL,
    joinToken: env.SLIPWAY_JOIN_TOKEN,
    hello: () => ({ ...about, ...facts(control) }),
    welcome: (welcome) => resynchronise(control, welcome),
    command: (command) => carryOut(control, command),
    query: (message) => desk.answer(message),
    log,
  });
  return { agent, builds, engines, gateway, reportOutbox, sessions };
}

function hostOf(sessions: Sessions, id: SessionId): SessionHost {
  const host = sessions.host(id);
  if (host === null) throw new SlipwayError("session-not-running", "The session does not run.");
  return host;
}

/** Docker clients are answered for as long as their session runs. */
function followSession(
  engines: EngineApi,
  sessions: Sessions,
  { sessionId, state }: SessionReport,
  log: Logger,
): void {
  const host = state === "running" ? sessions.host(sessionId) : null;
  const following = host === null ? engines.end(sessionId) : engines.serve(host);
  following.catch((error: unknown) => log.error({ err: error, sessionId }, "the engine of a session"));
}

/** Sessions of an earlier process hold their images again before anything is collected. */
async function serveAll({ engines, sessions }: Worker): Promise<void> {
  const hosts = sessions.reports().map(({ sessionId }) => sessions.host(sessionId));
  await Promise.allSettled(hosts.map(async (host) => host && (await engines.serve(host))));
}

type Worker = Awaited<ReturnType<typeof openWorker>>;

async function listen(env: WorkerEnv, gateway: HttpGateway): Promise<string> {
  const [address = "", port = ""] = env.SLIPWAY_GATEWAY_LISTEN.split(":");
  const bound = await gateway.listen(address, Number(port));
  return env.SLIPWAY_GATEWAY_URL ?? `http://${bound.address}:${bound.port}`;
}

/** The part of `hello` that stays the same while the process runs. */
async function describe(env: WorkerEnv, { parts }: Machine, recipes: readonly string[], gatewayUrl: string) {
  const { name, version, hardened } = parts.runtime;
  return {
    workerId: await readWorkerId(env.SLIPWAY_WORKER_DIR),
    version: WORKER_VERSION,
    gatewayUrl,
    capacity: {
      sessions: env.SLIPWAY_MAX_SESSIONS,
      builds: MAX_BUILDS_AT_ONCE,
      memoryBytes: totalmem(),
      cpus: cpus().length,
    },
    runtime: { name, version, hardened },
    images: await parts.images.list(),
    baseImages: await publicNames(parts.images, recipes),
  } satisfies Partial<Hello>;
}

async function start(env: WorkerEnv, log: Logger): Promise<void> {
  const machine = await openMachine(env, log);
  const transfer = await openTransfer(env, machine);
  const { builder, baseImages } = await openBuilder(env, machine, transfer);
  const worker = await openWorker(env, log, machine, { builder, baseImages, transfer });
  stopOn("SIGTERM", log, async () => {
    await worker.sessions.release();
    await machine.terminals.release();
    await letGo(worker);
    await builder.close();
  });
  stopOn("SIGINT", log, async () => {
    await worker.sessions.endAll();
    await worker.reportOutbox.drained(FAREWELL_MS);
    await letGo(worker);
    await builder.close();
    await machine.terminals.release();
    await machine.network.removeAll();
    await machine.parts.cgroups.removeAll();
    await rm(machine.volatileDirectory, { recursive: true, force: true });
  });
  const { swept } = await worker.sessions.recover();
  await serveAll(worker);
  // At once: browsers that wait for their terminals are let in by what the welcome says. A build that wants a base image
  // which is being made waits for it.
  worker.agent.start();
  // Not before sessions hold their images again, and left-overs have let go of theirs. Nobody has to wait for it.
  const { images } = machine.parts;
  swept
    .then(() => images.collect())
    .then(
      (collected) => logCollected(log, collected),
      (error: Error) => logCollected(log, error),
    );
  await makeStarters(baseImages, log);
  await worker.agent.joined();
  // Whoever started this process waits for this line, whatever the log's level.
  const said = { process: "worker", ready: true, runtime: machine.parts.runtime.name, msg: "ready" };
  process.stdout.write(`${JSON.stringify(said)}\n`);
}

/** Ends what can't live without this process. */
async function letGo({ agent, builds, engines, gateway }: Worker): Promise<void> {
  await builds.cancelOthers(new Set());
  agent.stop();
  await Promise.all([gateway.close(), engines.close()]);
}

/** SIGTERM: sessions live on for the next worker process. SIGINT: sessions end and nothing is left. */
function stopOn(signal: "SIGTERM" | "SIGINT", log: Logger, stop: () => Promise<void>): void {
  process.once(signal, () => {
    log.info({ signal }, "stopping");
    stop().then(
      () => process.exit(0),
      (error: unknown) => {
        log.error({ err: error }, "the worker could not stop cleanly");
        process.exit(1);
      },
    );
  });
}

const log = pino({ base: { process: "worker" }, level: process.env.SLIPWAY_LOG_LEVEL ?? "info" });
try {
  await turn();
  await start(parseEnv(process.env), log);
} catch (error) {
  const sentence = error instanceof Error ? error.message : String(error);
  log.fatal({ err: error, refusal: sentence }, "the worker cannot run");
  process.exit(1);
}
