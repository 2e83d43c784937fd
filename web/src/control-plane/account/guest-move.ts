import { MAX_REGISTRY_CREDENTIALS } from "@slipway/protocol";
import type { Database, Transaction } from "../db/database.ts";

/**
 * Everything of a guest becomes the account's, and the guest is gone: all of it or nothing. Builds, sessions, links and saved
 * images belong to a playground and so come along; a session that runs goes on running.
 */
export async function moveGuest(database: Database, guestId: string, userId: string): Promise<void> {
  await database.$transaction(async (transaction) => {
    // Both rows are locked in one order, so that two sign-ins at once wait for each other.
    const locked = await transaction.$queryRaw<unknown[]>`
      SELECT id FROM users WHERE id IN (${guestId}, ${userId}) ORDER BY id FOR UPDATE`;
    if (locked.length < 2) return;
    await transaction.playground.updateMany({ where: { ownerId: guestId }, data: { ownerId: userId } });
    await moveLogins(transaction, guestId, userId);
    await transaction.user.delete({ where: { id: guestId } });
  });
}

/** The account's own login of a registry stays; of the others the newest come along, as many as there is room for. */
async function moveLogins(transaction: Transaction, guestId: string, userId: string): Promise<void> {
  const own = await transaction.registryLogin.findMany({ where: { userId }, select: { registry: true } });
  const moved = await transaction.registryLogin.findMany({
    where: { userId: guestId, registry: { notIn: own.map(({ registry }) => registry) } },
    orderBy: { updatedAt: "desc" },
    take: Math.max(0, MAX_REGISTRY_CREDENTIALS - own.length),
    select: { id: true },
  });
  await transaction.registryLogin.updateMany({
    where: { id: { in: moved.map(({ id }) => id) } },
    data: { userId },
  });
}
