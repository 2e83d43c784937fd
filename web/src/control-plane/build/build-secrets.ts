import { type BuildId, SlipwayError } from "@slipway/protocol";
import type { Database, Transaction } from "../db/database.ts";
import type { Vault } from "../vault/vault.ts";
import { type SecretOptions, secretOptionsSchema } from "./build-options.ts";

const contextOf = (id: string): string => `build-secrets/${id}`;

const NOTHING: SecretOptions = { secrets: {}, sshKeys: {} };

const isEmpty = ({ secrets, sshKeys }: SecretOptions): boolean =>
  Object.keys(secrets).length + Object.keys(sshKeys).length === 0;

/** Keeps a build's secrets, sealed, until a worker has begun with it. */
export async function saveSecrets(
  transaction: Transaction,
  vault: Vault,
  id: BuildId,
  { secrets, sshKeys }: SecretOptions,
): Promise<void> {
  if (isEmpty({ secrets, sshKeys })) return;
  const sealed = vault.seal(JSON.stringify({ secrets, sshKeys }), contextOf(id));
  await transaction.buildSecrets.create({ data: { buildId: id, sealed } });
}

/** @throws internal when they were sealed with a key that is not here any more */
export async function openSecrets(database: Database, vault: Vault, id: string): Promise<SecretOptions> {
  const row = await database.buildSecrets.findUnique({ where: { buildId: id } });
  if (!row) return NOTHING;
  const plain = vault.open(row.sealed, contextOf(id));
  if (plain === null) throw new SlipwayError("internal", "The build's secrets can't be opened any more.");
  return secretOptionsSchema.parse(JSON.parse(plain));
}

export async function forgetSecrets(transaction: Transaction, id: BuildId): Promise<void> {
  await transaction.buildSecrets.deleteMany({ where: { buildId: id } });
}
