import { buildIdSchema, sessionIdSchema } from "@slipway/protocol";
import type { Builds } from "../build/build.ts";
import { ACTIVE_BUILD_STATES } from "../build/build-state.ts";
import type { Database } from "../db/database.ts";
import type { Sessions } from "../session/session.ts";
import { LIVE_SESSION_STATES } from "../session/session-state.ts";

/** Forgets people: sessions are stopped and builds cancelled first, then all rows of theirs go. */
export interface Removal {
  remove(userId: string): Promise<void>;
}

export function createRemoval(
  database: Database,
  {
    sessions,
    builds,
  }: { readonly sessions: Pick<Sessions, "stop">; readonly builds: Pick<Builds, "cancel"> },
): Removal {
  return {
    async remove(userId) {
      const own = { playground: { ownerId: userId } };
      const live = { ...own, state: { in: LIVE_SESSION_STATES } };
      for (const { id } of await database.session.findMany({ where: live, select: { id: true } }))
        await sessions.stop(sessionIdSchema.parse(id));
      const active = { ...own, state: { in: ACTIVE_BUILD_STATES } };
      for (const { id } of await database.build.findMany({ where: active, select: { id: true } }))
        await builds.cancel(buildIdSchema.parse(id));
      await database.user.deleteMany({ where: { id: userId } });
    },
  };
}
