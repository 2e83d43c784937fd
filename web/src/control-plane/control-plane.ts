import { createServer } from "node:http";
import type { BuildId, SessionId } from "@slipway/protocol";
import type { Logger } from "pino";
import { createAuth } from "./account/auth-accounts.ts";
import { createOperators } from "./account/operators.ts";
import { createOwnership } from "./account/ownership-store.ts";
import { createRateLimits } from "./account/rate-limits.ts";
import { rememberPeople } from "./account/remembered-accounts.ts";
import { createRemoval } from "./account/removal.ts";
import { createAdmin } from "./admin/admin-store.ts";
import { Absence } from "./agents/absence.ts";
import { AgentsChannel } from "./agents/agents-channel.ts";
import { ConnectedWorkers } from "./agents/connected-workers.ts";
import { followDrains } from "./agents/drains.ts";
import { Resync } from "./agents/resync.ts";
import type { Audit } from "./audit/audit.ts";
import { createAudit } from "./audit/audit-store.ts";
import { createBuilds } from "./build/build-service.ts";
import { BuildEventLog } from "./build/event-log.ts";
import type { Database } from "./db/database.ts";
import type { WebEnv } from "./env.ts";
import { createImages } from "./image/image-service.ts";
import type { WaitingQueue, WorkQueue } from "./jobs/queue.ts";
import { createLinks } from "./link/link-store.ts";
import { type BuildDispatchOptions, createBuildDispatch } from "./placement/build-dispatch.ts";
import { Dispatcher } from "./placement/dispatcher.ts";
import { createExpiry } from "./placement/expiry.ts";
import { FullWorkers } from "./placement/full-workers.ts";
import { resume } from "./placement/resume.ts";
import { SessionCommands } from "./placement/session-commands.ts";
import {
  createFindPlace,
  createSessionDispatch,
  type SessionDispatchOptions,
} from "./placement/session-dispatch.ts";
import { createPlaygrounds } from "./playground/playground-store.ts";
import { createVersions } from "./playground/versions.ts";
import { createPlaygroundLinks } from "./playground-link/playground-link-store.ts";
import { createQuotas } from "./quota/quota-store.ts";
import { createRegistryLogins, resealLogins } from "./registry/registry-login-store.ts";
import { ImageSaves } from "./saved-image/image-saves.ts";
import { createSavedImages } from "./saved-image/saved-image-store.ts";
import { Lane } from "./session/lane.ts";
import { LaunchBook } from "./session/launch.ts";
import { createOpenStep } from "./session/open-step.ts";
import { SessionLog } from "./session/session-log.ts";
import { createSessionLooks } from "./session/session-looks.ts";
import { createSessions } from "./session/session-service.ts";
import { openTickets } from "./session/tickets.ts";
import {
  buildLimits,
  graceMs,
  oidcSettings,
  quotaSettings,
  roleSettings,
  sessionPolicy,
} from "./settings.ts";
import { Signals } from "./signals.ts";
import { createSystemStatus } from "./system/system-status.ts";
import type { Services } from "./trpc.ts";
import { createAesVault } from "./vault/aes-vault.ts";

export interface ControlPlaneOptions {
  readonly env: WebEnv;
  readonly database: Database;
  readonly queue: WorkQueue;
  readonly version: string;
  readonly log: Logger;
}

/** Everything of the control plane but its HTTP server: puts the parts together and sets them going. */
export async function startControlPlane(options: ControlPlaneOptions) {
  const { env, database, queue, log } = options;
  const parts = await createParts(options);
  const { workers, absence, dispatcher, tickets } = parts;
  const agentsHttp = createServer();
  const wake = () => dispatcher.wake();
  const channel = new AgentsChannel(agentsHttp, { joinToken: env.SLIPWAY_JOIN_TOKEN, ...parts, wake, log });
  const people = openPeople(options);
  const audit = createAudit(database, log);
  const drains = await followDrains(database, workers, log);
  const services = createServices(options, parts, { people, audit, channel });
  const expire = createExpiry({ ...parts, database });
  await queue.onExpiry(expire);
  const lost = await resealLogins(database, parts.vault);
  if (lost > 0) log.warn({ logins: lost }, "registry logins were sealed with a secret that is gone");
  await resume({ database, queue, absence });
  dispatcher.start();
  return {
    services,
    workers,
    signals: parts.signals,
    agentsHttp,
    authHandler: people.handler,
    tickets,
    expire,
    async stop(): Promise<void> {
      channel.stop();
      absence.stop();
      drains.stop();
      await dispatcher.stop();
      await audit.stop();
    },
  };
}

interface Doors {
  readonly people: ReturnType<typeof openPeople>;
  readonly audit: Audit;
  readonly channel: AgentsChannel;
}

/** What procedures call. */
function createServices(
  { env, database, version, log }: ControlPlaneOptions,
  parts: Awaited<ReturnType<typeof createParts>>,
  { people, audit, channel }: Doors,
): Services {
  const { workers } = parts;
  const playgrounds = createPlaygrounds(database, parts.signals);
  const builds = createBuilds({
    database,
    log: parts.events,
    vault: parts.vault,
    submit: parts.submitBuild,
    abandon: (workerId, id) => channel.cancelBuild(workerId, id),
  });
  const sessions = createSessions({
    ...parts,
    database,
    log: parts.sessions,
    logger: log,
    orders: parts.commands,
    openStep: createOpenStep(database, parts.workers),
    policy: sessionPolicy(env),
    publicUrl: env.SLIPWAY_PUBLIC_URL,
    previewDomain: env.SLIPWAY_PREVIEW_DOMAIN,
    submit: parts.submitSession,
  });
  return {
    accounts: people.accounts,
    operators: createOperators(people.accounts, roleSettings(env), env.SLIPWAY_OPERATOR_CODE),
    removal: createRemoval(database, { sessions, builds }),
    admin: createAdmin({
      database,
      workers,
      sessions,
      builds,
      accounts: people.accounts,
      roles: roleSettings(env),
    }),
    audit,
    quotas: createQuotas(database, quotaSettings(env)),
    ownership: createOwnership(database),
    rateLimits: createRateLimits(),
    playgrounds,
    playgroundLinks: createPlaygroundLinks({ database, playgrounds, publicUrl: env.SLIPWAY_PUBLIC_URL }),
    versions: createVersions(database, parts.signals),
    builds,
    registryLogins: parts.registryLogins,
    sessions,
    savedImages: createSavedImages({ ...parts, database }),
    images: createImages({ database, workers }),
    sessionLooks: createSessionLooks({ database, workers }),
    links: createLinks({ ...parts, database, publicUrl: env.SLIPWAY_PUBLIC_URL }),
    system: createSystemStatus(database, workers, version),
  };
}

/** Sign-ins, as this process remembers them. */
function openPeople({ env, database, log }: ControlPlaneOptions) {
  const { accounts, handler } = createAuth({
    database,
    secret: env.SLIPWAY_SECRET,
    publicUrl: env.SLIPWAY_PUBLIC_URL,
    roles: roleSettings(env),
    oidc: oidcSettings(env),
    log,
  });
  return rememberPeople(accounts, handler);
}

/** What people's services and the worker channel both stand on. */
async function createParts(options: ControlPlaneOptions) {
  const { env, database, queue, log } = options;
  const signals = new Signals();
  const vault = createAesVault(env.SLIPWAY_SECRET, env.SLIPWAY_EARLIER_SECRETS);
  const registryLogins = createRegistryLogins(database, vault);
  const workers = new ConnectedWorkers();
  const events = new BuildEventLog(database, signals);
  const sessions = new SessionLog(database, signals);
  const tickets = await openTickets(database);
  const full = new FullWorkers(() => dispatcher.wake());
  const requeued = async (id: SessionId, workerId: string) => {
    full.add(workerId);
    signals.notify(id);
    await submitSession(id);
  };
  const commands = new SessionCommands({ database, workers, sessions, requeued, log });
  const saves = new ImageSaves({ database, workers, signals, log });
  const expireAt = (id: string, at: number) => queue.expireAt(id, at);
  const submit = async (name: WaitingQueue, id: string) => {
    await queue.submit(name, id);
    dispatcher.wake();
  };
  const submitBuild = (id: BuildId) => submit("builds", id);
  const submitSession = (id: SessionId) => submit("launches", id);
  const resync = new Resync({
    database,
    events,
    sessions,
    commands,
    saves,
    submitBuild,
    ticketPublicKey: tickets.publicKey,
    previewDomain: env.SLIPWAY_PREVIEW_DOMAIN,
    log,
  });
  const absence = new Absence(graceMs(env), (workerId) => resync.giveUp(workerId), log);
  const isAwaited = (workerId: string) => absence.isAwaited(workerId);
  const policy = sessionPolicy(env);
  const lane = new Lane();
  const findPlace = createFindPlace(workers, isAwaited, full);
  const book = new LaunchBook({ database, policy, findPlace, lane });
  const dispatcher = openDispatcher(options, {
    signals,
    workers,
    events,
    vault,
    registryLogins,
    submitBuild,
    commands,
    findPlace,
    lane,
    expireAt,
  });
  return {
    signals,
    vault,
    registryLogins,
    workers,
    events,
    sessions,
    tickets,
    commands,
    saves,
    book,
    expireAt,
    submitBuild,
    submitSession,
    resync,
    absence,
    dispatcher,
  };
}

type DispatchParts = Pick<
  BuildDispatchOptions,
  "signals" | "workers" | "events" | "vault" | "registryLogins"
> &
  Pick<SessionDispatchOptions, "commands" | "findPlace" | "lane" | "expireAt"> & {
    readonly submitBuild: (id: BuildId) => Promise<void>;
  };

/** Takes to workers what had to wait. */
function openDispatcher({ env, database, queue, log }: ControlPlaneOptions, parts: DispatchParts) {
  const dispatcher: Dispatcher = new Dispatcher(
    queue,
    {
      builds: createBuildDispatch({
        ...parts,
        database,
        limits: buildLimits(env),
        submit: parts.submitBuild,
        full: new FullWorkers(() => dispatcher.wake()),
        log,
      }),
      launches: createSessionDispatch({ ...parts, database }),
    },
    log,
  );
  return dispatcher;
}

export type ControlPlane = Awaited<ReturnType<typeof startControlPlane>>;
