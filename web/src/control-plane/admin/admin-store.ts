import { buildIdSchema, SlipwayError, sessionIdSchema } from "@slipway/protocol";
import type { Accounts } from "../account/account.ts";
import { type RoleSettings, roleOf } from "../account/role.ts";
import type { ConnectedWorkers } from "../agents/connected-workers.ts";
import type { Builds } from "../build/build.ts";
import { ACTIVE_BUILD_STATES } from "../build/build-state.ts";
import type { Database } from "../db/database.ts";
import type { Sessions } from "../session/session.ts";
import { LIVE_SESSION_STATES } from "../session/session-state.ts";
import { ADMIN_PAGE, type Admin, type AdminBuild, type AdminUser, type Owner } from "./admin.ts";
import { readOverview } from "./overview.ts";

export interface AdminOptions {
  readonly database: Database;
  readonly workers: ConnectedWorkers;
  readonly sessions: Pick<Sessions, "stopByOperator">;
  readonly builds: Pick<Builds, "cancel">;
  readonly accounts: Pick<Accounts, "proveEmail" | "resetPassword">;
  readonly roles: RoleSettings;
}

const owned = {
  playground: {
    select: { name: true, owner: { select: { id: true, name: true, email: true, isAnonymous: true } } },
  },
} as const;

export function createAdmin(options: AdminOptions): Admin {
  const { database, workers, sessions, accounts, roles } = options;
  return {
    overview: () => readOverview(database, workers),

    async sessions() {
      const rows = await database.session.findMany({
        where: { state: { in: LIVE_SESSION_STATES } },
        orderBy: { createdAt: "desc" },
        take: ADMIN_PAGE,
        include: owned,
      });
      return rows.map((row) => ({
        id: sessionIdSchema.parse(row.id),
        playgroundId: row.playgroundId,
        playgroundName: row.playground.name,
        owner: ownerOf(row.playground.owner),
        state: row.state,
        workerId: row.workerId,
        createdAt: row.createdAt.getTime(),
        expiresAt: row.expiresAt.getTime(),
      }));
    },

    builds: () => listBuilds(database),

    users: (search) => listUsers(database, roles, search),

    async stopSession(id, reason) {
      const known = await database.session.findUnique({ where: { id }, select: { id: true } });
      if (!known) throw new SlipwayError("session-missing", "There is no such session.");
      await sessions.stopByOperator(sessionIdSchema.parse(id), reason);
    },

    async cancelBuild(id) {
      const known = await database.build.findUnique({ where: { id }, select: { id: true } });
      if (!known) throw new SlipwayError("build-missing", "There is no such build.");
      await options.builds.cancel(buildIdSchema.parse(id));
    },

    async drain(workerId, draining) {
      const { count } = await database.worker.updateMany({ where: { id: workerId }, data: { draining } });
      if (count === 0) throw new SlipwayError("worker-missing", "There is no such worker.");
      workers.setDraining(workerId, draining);
    },

    async proveEmail(userId) {
      await assertMember(database, userId);
      await accounts.proveEmail(userId);
    },

    async resetPassword(userId) {
      await assertMember(database, userId);
      return accounts.resetPassword(userId);
    },
  };
}

async function assertMember(database: Database, id: string): Promise<void> {
  const row = await database.user.findFirst({ where: { id, isAnonymous: false }, select: { id: true } });
  if (!row) throw new SlipwayError("user-missing", "There is no such account.");
}

async function listBuilds(database: Database): Promise<AdminBuild[]> {
  const order = { orderBy: { createdAt: "desc" }, include: owned } as const;
  const active = await database.build.findMany({
    where: { state: { in: ACTIVE_BUILD_STATES } },
    take: ADMIN_PAGE,
    ...order,
  });
  const over = await database.build.findMany({
    where: { state: { notIn: ACTIVE_BUILD_STATES } },
    take: ADMIN_PAGE - active.length,
    ...order,
  });
  return [...active, ...over].map((row) => ({
    id: buildIdSchema.parse(row.id),
    playgroundId: row.playgroundId,
    playgroundName: row.playground.name,
    owner: ownerOf(row.playground.owner),
    state: row.state,
    workerId: row.workerId,
    createdAt: row.createdAt.getTime(),
    durationMs: row.startedAt && row.finishedAt ? row.finishedAt.getTime() - row.startedAt.getTime() : null,
  }));
}

async function listUsers(database: Database, roles: RoleSettings, search: string): Promise<AdminUser[]> {
  const contains = { contains: search, mode: "insensitive" } as const;
  const rows = await database.user.findMany({
    where: search === "" ? {} : { OR: [{ name: contains }, { email: contains, isAnonymous: false }] },
    orderBy: { createdAt: "desc" },
    take: ADMIN_PAGE,
    include: { _count: { select: { playgrounds: true } } },
  });
  const ids = rows.map(({ id }) => id);
  const live = await database.$queryRaw<{ owner_id: string; number: number }[]>`
    SELECT p.owner_id, count(*)::int AS number FROM sessions s JOIN playgrounds p ON p.id = s.playground_id
    WHERE s.state <> 'ended' AND p.owner_id = ANY(${ids}) GROUP BY p.owner_id`;
  const counts = new Map(live.map(({ owner_id, number }) => [owner_id, number]));
  return rows.map((row) => ({
    ...ownerOf(row),
    role: roleOf(row, roles),
    emailProved: row.emailVerified,
    createdAt: row.createdAt.getTime(),
    playgrounds: row._count.playgrounds,
    liveSessions: counts.get(row.id) ?? 0,
  }));
}

/** The address of a guest is none. */
const ownerOf = (row: { id: string; name: string; email: string; isAnonymous: boolean }): Owner => ({
  id: row.id,
  name: row.name,
  email: row.isAnonymous ? null : row.email,
});
