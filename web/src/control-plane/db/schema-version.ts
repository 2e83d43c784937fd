import { readdirSync } from "node:fs";
import type { Database } from "./database.ts";

/** Why this process can't work with the database, in one sentence; null when it can. */
export async function schemaMismatch(
  database: Database,
  expected: readonly string[],
): Promise<string | null> {
  const [{ exists } = { exists: false }] = await database.$queryRaw<{ exists: boolean }[]>`
    SELECT to_regclass('_prisma_migrations') IS NOT NULL AS exists`;
  if (!exists) return "The database is empty; npm run db:deploy brings it to this version.";
  const rows = await database.$queryRaw<{ migration_name: string }[]>`
    SELECT migration_name FROM _prisma_migrations WHERE rolled_back_at IS NULL AND finished_at IS NOT NULL`;
  const applied = new Set(rows.map((row) => row.migration_name));
  const unknown = [...applied].find((name) => !expected.includes(name));
  if (unknown) return `This is a database of a newer version of Slipway (it holds the migration ${unknown}).`;
  const missing = expected.find((name) => !applied.has(name));
  if (missing)
    return `The database lacks the migration ${missing}; npm run db:deploy brings it to this version.`;
  return null;
}

/** Names of the migrations in a directory as Prisma lays it out. */
export function migrationNames(directory: string): string[] {
  return readdirSync(directory, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name);
}
