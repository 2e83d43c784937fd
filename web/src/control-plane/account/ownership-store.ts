import { buildIdSchema, playgroundIdSchema, sessionIdSchema } from "@slipway/protocol";
import type { Database } from "../db/database.ts";
import type { Ownership } from "./ownership.ts";

/** Answers from the database; what is not even an id belongs to nobody. */
export function createOwnership(database: Database): Ownership {
  const select = { id: true } as const;
  return {
    async playground(ownerId, wanted) {
      const id = playgroundIdSchema.safeParse(wanted);
      if (!id.success) return null;
      const row = await database.playground.findFirst({ where: { id: id.data, ownerId }, select });
      return row && id.data;
    },
    async build(ownerId, wanted) {
      const id = buildIdSchema.safeParse(wanted);
      if (!id.success) return null;
      const row = await database.build.findFirst({ where: { id: id.data, playground: { ownerId } }, select });
      return row && id.data;
    },
    async session(ownerId, wanted) {
      const id = sessionIdSchema.safeParse(wanted);
      if (!id.success) return null;
      const row = await database.session.findFirst({
        where: { id: id.data, playground: { ownerId } },
        select,
      });
      return row && id.data;
    },
  };
}
