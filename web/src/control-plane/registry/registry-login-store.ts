import { randomUUID } from "node:crypto";
import {
  MAX_REGISTRY_CREDENTIALS,
  type RegistryCredential,
  registryCredentialSchema,
  SlipwayError,
} from "@slipway/protocol";
import type { Database } from "../db/database.ts";
import type { Vault } from "../vault/vault.ts";
import { registryHost } from "./registry-host.ts";
import type { RegistryLogins, RegistryLoginView } from "./registry-logins.ts";

const sealedSchema = registryCredentialSchema.pick({ username: true, password: true });

/** The row's own id and the registry: a login sealed for one registry never opens for another. */
const contextOf = (row: { id: string; registry: string }): string =>
  `registry-login/${row.id}/${row.registry}`;

interface Row {
  readonly id: string;
  readonly registry: string;
  readonly sealed: string;
  readonly updatedAt: Date;
}

/** Rows that one turn of `resealLogins` takes. */
const RESEAL_BATCH = 200;

export function createRegistryLogins(database: Database, vault: Vault): RegistryLogins {
  const opened = (row: Row): RegistryCredential | null => {
    const plain = vault.open(row.sealed, contextOf(row));
    if (plain === null) return null;
    return { registry: row.registry, ...sealedSchema.parse(JSON.parse(plain)) };
  };
  const viewOf = (row: Row): RegistryLoginView => ({
    registry: row.registry,
    username: opened(row)?.username ?? null,
    updatedAt: row.updatedAt.getTime(),
  });
  const rowsOf = (userId: string) =>
    database.registryLogin.findMany({ where: { userId }, orderBy: { registry: "asc" } });

  return {
    list: async (userId) => (await rowsOf(userId)).map(viewOf),

    async open(userId) {
      return (await rowsOf(userId)).map(opened).filter((login) => login !== null);
    },

    async save(userId, { username, password, ...login }) {
      const registry = registryHost(login.registry);
      const row = await database.$transaction(async (transaction) => {
        // The person's row is the lock: two logins at once don't both find the last free place.
        await transaction.$queryRaw`SELECT id FROM users WHERE id = ${userId} FOR UPDATE`;
        const others = await transaction.registryLogin.count({
          where: { userId, registry: { not: registry } },
        });
        if (others >= MAX_REGISTRY_CREDENTIALS) throw tooMany();
        await transaction.registryLogin.deleteMany({ where: { userId, registry } });
        const id = randomUUID();
        const sealed = vault.seal(JSON.stringify({ username, password }), contextOf({ id, registry }));
        return transaction.registryLogin.create({ data: { id, userId, registry, sealed } });
      });
      return viewOf(row);
    },

    async remove(userId, registry) {
      await database.registryLogin.deleteMany({ where: { userId, registry: registryHost(registry) } });
    },
  };
}

/**
 * Seals again what an earlier secret sealed, so that the operator may take that secret out of the settings afterwards.
 * Answers how many logins could not be opened with any secret; they stay, and their owners see that they have to be renewed.
 */
export async function resealLogins(database: Database, vault: Vault): Promise<number> {
  let lost = 0;
  for (let after = ""; ; ) {
    const rows = await database.registryLogin.findMany({
      where: { id: { gt: after } },
      orderBy: { id: "asc" },
      take: RESEAL_BATCH,
    });
    for (const row of rows.filter(({ sealed }) => !vault.isCurrent(sealed))) {
      const plain = vault.open(row.sealed, contextOf(row));
      if (plain === null) lost += 1;
      else {
        const sealed = vault.seal(plain, contextOf(row));
        await database.registryLogin.updateMany({
          where: { id: row.id, sealed: row.sealed },
          data: { sealed },
        });
      }
    }
    const last = rows.at(-1);
    if (!last || rows.length < RESEAL_BATCH) return lost;
    after = last.id;
  }
}

const tooMany = () =>
  new SlipwayError("registry-login-limit", "That is one registry login too many.", {
    params: { limit: MAX_REGISTRY_CREDENTIALS },
  });
