import { mkdir, rm } from "node:fs/promises";
import { cpus, totalmem } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { keeperPath, shimPath } from "@slipway/native";
import {
  type Hello,
  type SessionHostView,
  type SessionId,
  type SessionReport,
  SlipwayError,
} from "@slipway/protocol";
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
import { createBaseImages } from "./builder/base-images/base-images.ts";
import { publicNames } from "./builder/base-images/public-names.ts";
import type { BaseImages } from "./builder/builder.ts";
import { createBuilder, type ImageBuilder } from "./builder/create-builder.ts";
import type { Cgroups } from "./cgroup/cgroup.ts";
import { openCgroups } from "./cgroup/open.ts";
import { openContentStore } from "./content/directory-content-store.ts";
import { LoopDisks } from "./disk/loop-disks.ts";
import { createEngineApi } from "./engine-api/create-engine-api.ts";
import type { EngineApi } from "./engine-api/engine-api.ts";
import { parseEnv, type WorkerEnv } from "./env.ts";
import { HttpGateway } from "./gateway/http-gateway.ts";
import type { Collected } from "./image-store/image-store.ts";
import type { ImageTransfer } from "./image-store/image-transfer.ts";
import { openImageStore } from "./image-store/oci-image-store.ts";
import { openImageTransfer } from "./image-store/registry-transfer.ts";
import { defaultStoreLimit } from "./image-store/store-limit.ts";
import { KeeperProcesses } from "./keeper/keeper-processes.ts";
import { HostNetwork } from "./network/host-network.ts";
import { UNLIMITED_BYTES_PER_SECOND } from "./network/network.ts";
import { packageSources } from "./network/package-sources.ts";
import { authorities } from "./outbound/authorities.ts";
import { openOutbound } from "./outbound/guarded-outbound.ts";
import { holdName } from "./process/hold-name.ts";
import { turn } from "./process/turn.ts";
import { plainHosts, type RegistrySettings, trustedHosts } from "./registry/endpoints.ts";
import { PATIENCE } from "./registry/registry.ts";
import { chooseRuntime } from "./runtime/choose-runtime.ts";
import { IdRanges } from "./runtime/id-ranges.ts";
import { OciRuntime } from "./runtime/oci-runtime.ts";
import { preflight } from "./runtime/preflight.ts";
import { raiseHostLimits } from "./session/limits/host-limits.ts";
import { openKernelLog } from "./session/limits/kernel-log.ts";
import { ScheduledLimitWatcher } from "./session/limits/scheduled-limit-watcher.ts";
import type { SessionParts } from "./session/parts.ts";
import { SessionRecords } from "./session/record.ts";
import type { Sessions } from "./session/session.ts";
import { createSessions } from "./session/sessions.ts";
import { OverlaySnapshotter } from "./snapshot/overlay-snapshotter.ts";
import { ShimTerminals } from "./terminal/shim-terminals.ts";
import { WORKER_VERSION } from "./version.ts";

/** The same from worker/src and from the bundle in worker/dist. */
const RECIPES = fileURLToPath(new URL("../../infra/images/", import.meta.url));
/** Of a base image's own build. */
const RECIPE_LIMITS = {
  memoryBytes: 2 * 1024 ** 3,
  cpus: 2,
  pids: 1024,
  diskBytes: 8 * 1024 ** 3,
  timeoutMs: 30 * 60_000,
};
const CONTEXT_ENTRIES = 100_000;
/** Last reports may take so long to arrive before the process ends all the same. */
const FAREWELL_MS = 3_000;

interface RuntimeParts {
  readonly directory: string;
  readonly stateDirectory: string;
  readonly preflightDirectory: string;
  readonly cgroups: Cgroups;
  readonly ids: IdRanges;
}

/** Tried on this machine with a container that runs. */
async function openRuntime(env: WorkerEnv, log: Logger, parts: RuntimeParts) {
  const { cgroups, ids } = parts;
  const { runtime, passedOver } = await chooseRuntime(env.SLIPWAY_RUNTIME, async (program) => {
    const { directory, stateDirectory } = parts;
    const opened = await OciRuntime.open({ program, directory, stateDirectory, cgroups });
    await preflight({ cgroups, runtime: opened, directory: parts.preflightDirectory, ids: ids.range(0) });
    return opened;
  });
  for (const { name: other, error } of passedOver)
    log.warn({ err: error }, `${other} can't be used here, ${runtime.name} is`);
  return runtime;
}

async function openStores(env: WorkerEnv, log: Logger, inside: (part: string) => string) {
  const content = await openContentStore(inside("content"));
  const snapshotter = await OverlaySnapshotter.open(inside("snapshots"));
  const images = await openImageStore({
    directory: inside("content"),
    content,
    snapshotter,
    mountDirectory: inside("mounts"),
    limitBytes: env.SLIPWAY_IMAGE_STORE_BYTES ?? (await defaultStoreLimit(env.SLIPWAY_WORKER_DIR)),
    onCollected: (result) => logCollected(log, result),
  });
  return { content, snapshotter, images };
}

async function openNetwork(env: WorkerEnv, log: Logger, name: string): Promise<HostNetwork> {
  return await HostNetwork.start({
    pool: env.SLIPWAY_ADDRESS_POOL,
    names: { table: name, namespacePrefix: `${name}-`, interfacePrefix: `sw${env.SLIPWAY_INSTANCE}-` },
    opened: env.SLIPWAY_OPENED_ADDRESSES,
    packageHosts: env.SLIPWAY_PACKAGE_HOSTS ?? (await packageSources()),
    warn: (sentence) => log.warn(sentence),
  });
}

/** The lower half: everything that touches the kernel and the disk. */
async function openMachine(env: WorkerEnv, log: Logger) {
  const name = `slipway${env.SLIPWAY_INSTANCE}`;
  const volatileDirectory = `/run/${name}`;
  await holdName(`${name}-worker`);
  await raiseHostLimits(log);
  const inside = (part: string) => path.join(env.SLIPWAY_WORKER_DIR, part);
  await mkdir(env.SLIPWAY_WORKER_DIR, { recursive: true, mode: 0o711 });
  await mkdir(inside("terminals"), { recursive: true, mode: 0o700 });
  const cgroups = await openCgroups(`/${name}`);
  const ids = new IdRanges(env.SLIPWAY_ID_RANGE_START);
  // Side by side: terminals of sessions that live on wait for all of it.
  const [runtime, { content, snapshotter, images }, network] = await Promise.all([
    openRuntime(env, log, {
      directory: inside("containers"),
      stateDirectory: path.join(volatileDirectory, "runtime"),
      preflightDirectory: inside("preflight"),
      cgroups,
      ids,
    }),
    openStores(env, log, inside),
    openNetwork(env, log, name),
  ]);
  const terminals = new ShimTerminals({ directory: inside("terminals"), program: shimPath() });
  const keepers = new KeeperProcesses({ directory: inside("keepers"), program: keeperPath() });
  const disks = await LoopDisks.open(inside("disks"));
  const limits = new ScheduledLimitWatcher({
    cgroups,
    kernelLog: openKernelLog(),
    failed: ({ id }, error) => log.warn({ err: error, sessionId: id }, "a limit could not be looked at"),
  });
  const directory = env.SLIPWAY_WORKER_DIR;
  const parts = {
    directory,
    images,
    content,
    snapshotter,
    disks,
    network,
    runtime,
    cgroups,
    terminals,
    keepers,
    ids,
    limits,
    log,
  };
  return { parts: parts satisfies SessionParts, network, terminals, content, inside, volatileDirectory };
}

type Machine = Awaited<ReturnType<typeof openMachine>>;

/** The way to registries. */
async function openTransfer(env: WorkerEnv, { parts, content, inside }: Machine) {
  const registries: RegistrySettings = {
    mirrors: env.SLIPWAY_REGISTRY_MIRRORS,
    insecure: env.SLIPWAY_REGISTRY_INSECURE,
    private: env.SLIPWAY_REGISTRY_PRIVATE,
  };
  const plain = plainHosts(registries);
  const outbound = openOutbound({
    openedAddresses: env.SLIPWAY_OPENED_ADDRESSES,
    refusedAddresses: [env.SLIPWAY_ADDRESS_POOL],
    trustedHosts: trustedHosts(registries),
    allowsPlainHttp: (host) => plain.has(host),
    connectMs: PATIENCE.connectMs,
    authorities: await authorities(process.env.NODE_EXTRA_CA_CERTS, env.SLIPWAY_REGISTRY_CA),
  });
  return await openImageTransfer({
    directory: inside("transfer"),
    images: parts.images,
    content,
    outbound,
    registries,
    imageBytes: env.SLIPWAY_IMAGE_BYTES,
  });
}

/** The way to what an ADD names. */
async function openAddOutbound(env: WorkerEnv) {
  return openOutbound({
    openedAddresses: env.SLIPWAY_OPENED_ADDRESSES,
    refusedAddresses: [env.SLIPWAY_ADDRESS_POOL],
    trustedHosts: new Set(),
    allowsPlainHttp: () => true,
    connectMs: PATIENCE.connectMs,
    authorities: await authorities(process.env.NODE_EXTRA_CA_CERTS),
  });
}

async function openBuilder(env: WorkerEnv, machine: Machine, transfer: ImageTransfer) {
  const { parts, network, content, inside } = machine;
  let builder: ImageBuilder | null = null;
  const baseImages = await createBaseImages({
    recipesDirectory: RECIPES,
    mapFile: env.SLIPWAY_IMAGE_MAP ?? path.join(RECIPES, "image-map"),
    directory: inside("base-images"),
    imageStore: parts.images,
    content,
    builder: () => {
      if (!builder) throw new SlipwayError("internal", "The builder is not open yet.");
      return builder;
    },
    limits: RECIPE_LIMITS,
    extraCertificates: process.env.NODE_EXTRA_CA_CERTS ?? null,
  });
  builder = await createBuilder({
    directory: inside("builds"),
    imageStore: parts.images,
    snapshotter: parts.snapshotter,
    content,
    disks: await LoopDisks.open(inside("build-disks")),
    runtime: parts.runtime,
    cgroups: parts.cgroups,
    ids: parts.ids,
    network: {
      acquire: (name) =>
        network.create(name, { egress: "internet", bytesPerSecond: UNLIMITED_BYTES_PER_SECOND }),
      release: (name) => network.remove(name),
    },
    baseImages,
    transfer,
    outbound: await openAddOutbound(env),
    maxRuns: env.SLIPWAY_MAX_BUILDS,
    contextLimits: { maxBytes: env.SLIPWAY_CONTEXT_BYTES, maxEntries: CONTEXT_ENTRIES },
  });
  return { builder, baseImages };
}

/**
 * Makes the images that first builds want; the lines are shown while Slipway starts. One that can't be made now is made when a
 * build asks for it, or that build says why not.
 */
async function makeStarters(baseImages: BaseImages, log: Logger): Promise<void> {
  for (const name of baseImages.starters) {
    const tell = (line: string) => log.info({ progress: line.slice(0, 400) }, "base image");
    await baseImages.ensure(name, tell).catch((error: unknown) => {
      log.error({ err: error, name }, "a base image could not be made");
    });
  }
}

function logCollected(log: Logger, result: Collected | Error): void {
  if (result instanceof Error) log.error({ err: result }, "collecting in the image store failed");
  else if (result.freedBytes > 0) log.info({ collected: result }, "removed from the image store");
}

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

/** Where images come from. */
interface ImageSources {
  readonly builder: ImageBuilder;
  readonly baseImages: BaseImages;
  readonly transfer: ImageTransfer;
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
      hostView: (session) => viewHost(engines, sessions, session),
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

/** What docker has made in a session. */
async function viewHost(engines: EngineApi, sessions: Sessions, id: SessionId): Promise<SessionHostView> {
  const host = sessions.host(id);
  if (host === null) throw new SlipwayError("session-not-running", "The session does not run.");
  return await engines.view(host);
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
  await worker.sessions.recover();
  await serveAll(worker);
  // At once: browsers that wait for their terminals are let in by what the welcome says. A build that wants a base image
  // which is being made waits for it.
  worker.agent.start();
  // Not before sessions hold their images again. Nobody has to wait for it.
  const { images } = machine.parts;
  images.collect().then(
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
