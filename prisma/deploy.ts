import { createHash, randomUUID } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import pg from "pg";

/*
 * Brings a database to this version's schema with nothing but `pg`: no engine is needed where Slipway runs. The rows that
 * it writes are those that Prisma's own `migrate deploy` writes, so either can follow the other.
 */

/** Key of the advisory lock that Prisma's schema engine takes too. */
const MIGRATION_LOCK = 72_707_369;
/** Longest wait for the database to accept the connection. */
const CONNECT_TIMEOUT_MS = 10_000;

export interface Migration {
  /** Name of its directory, which begins with the time of its making. */
  readonly name: string;
  readonly sql: string;
  /** SHA-256 of `sql`, hexadecimal. */
  readonly checksum: string;
}

/** The database can't be brought to this version. The message is one sentence for the person who started Slipway. */
export class DeployRefusal extends Error {
  override readonly name = "DeployRefusal";
  readonly reason: "newer-database" | "migration-edited" | "migration-failed";

  constructor(reason: DeployRefusal["reason"], message: string, options?: { cause: unknown }) {
    super(message, options);
    this.reason = reason;
  }
}

/** The migrations of a directory as Prisma lays it out, oldest first. */
export function readMigrations(directory: string): Migration[] {
  return readdirSync(directory, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort()
    .map((name) => {
      const sql = readFileSync(path.join(directory, name, "migration.sql"), "utf8");
      return { name, sql, checksum: createHash("sha256").update(sql).digest("hex") };
    });
}

/**
 * Applies what is missing, each migration in one transaction, and answers the names of those applied. Concurrent calls
 * wait for each other; a call with nothing to do changes nothing.
 * @throws DeployRefusal
 */
export async function deploy(databaseUrl: string, migrations: readonly Migration[]): Promise<string[]> {
  const client = new pg.Client({
    connectionString: databaseUrl,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    application_name: "slipway deploy",
  });
  await client.connect();
  try {
    await client.query("SELECT pg_advisory_lock($1)", [MIGRATION_LOCK]);
    await client.query(MIGRATIONS_TABLE);
    const missing = compare(migrations, await readApplied(client));
    for (const migration of missing) await apply(client, migration);
    return missing.map((migration) => migration.name);
  } finally {
    await client.end();
  }
}

/** As Prisma's schema engine creates it. */
const MIGRATIONS_TABLE = `CREATE TABLE IF NOT EXISTS _prisma_migrations (
  id VARCHAR(36) PRIMARY KEY NOT NULL,
  checksum VARCHAR(64) NOT NULL,
  finished_at TIMESTAMPTZ,
  migration_name VARCHAR(255) NOT NULL,
  logs TEXT,
  rolled_back_at TIMESTAMPTZ,
  started_at TIMESTAMPTZ NOT NULL DEFAULT now(),
  applied_steps_count INTEGER NOT NULL DEFAULT 0
)`;

interface AppliedRow {
  readonly migration_name: string;
  readonly checksum: string;
  readonly finished_at: Date | null;
}

async function readApplied(client: pg.Client): Promise<Map<string, AppliedRow>> {
  const { rows } = await client.query<AppliedRow>(
    "SELECT migration_name, checksum, finished_at FROM _prisma_migrations WHERE rolled_back_at IS NULL",
  );
  return new Map(rows.map((row) => [row.migration_name, row]));
}

/** The migrations that the database lacks. @throws DeployRefusal */
function compare(migrations: readonly Migration[], applied: ReadonlyMap<string, AppliedRow>): Migration[] {
  const known = new Set(migrations.map((migration) => migration.name));
  const unknown = [...applied.keys()].filter((name) => !known.has(name));
  if (unknown.length > 0) {
    const sentence = `This is a database of a newer version of Slipway (it holds the migration ${unknown[0]}); start that version, or a newer one.`;
    throw new DeployRefusal("newer-database", sentence);
  }
  return migrations.filter((migration) => {
    const row = applied.get(migration.name);
    if (!row) return true;
    if (row.finished_at === null) {
      const sentence = `The migration ${migration.name} failed halfway in an earlier run; restore the database from a backup, or finish it by hand and mark it as finished in _prisma_migrations.`;
      throw new DeployRefusal("migration-failed", sentence);
    }
    if (row.checksum !== migration.checksum) {
      const sentence = `The migration ${migration.name} was edited after it had been applied to this database; bring its file back to what it was.`;
      throw new DeployRefusal("migration-edited", sentence);
    }
    return false;
  });
}

async function apply(client: pg.Client, migration: Migration): Promise<void> {
  await client.query("BEGIN");
  try {
    await client.query(migration.sql);
    await client.query(
      `INSERT INTO _prisma_migrations (id, checksum, migration_name, started_at, finished_at, applied_steps_count)
       VALUES ($1, $2, $3, now(), clock_timestamp(), 1)`,
      [randomUUID(), migration.checksum, migration.name],
    );
    await client.query("COMMIT");
  } catch (error) {
    await client.query("ROLLBACK");
    const message = error instanceof Error ? error.message : String(error);
    throw new DeployRefusal("migration-failed", `The migration ${migration.name} failed: ${message}.`, {
      cause: error,
    });
  }
}
