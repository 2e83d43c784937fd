import { randomBytes } from "node:crypto";
import path from "node:path";
import pg from "pg";
import { deploy, readMigrations } from "./deploy.ts";

/** The migrations of this version. */
export const MIGRATIONS_DIRECTORY = path.join(import.meta.dirname, "migrations");

export interface TemporaryDatabase {
  readonly url: string;
  drop(): Promise<void>;
}

/** A database of its own for one test file, on the server that SLIPWAY_TEST_DATABASE_URL names; empty. */
export async function createEmptyDatabase(): Promise<TemporaryDatabase> {
  const server = process.env.SLIPWAY_TEST_DATABASE_URL;
  if (!server)
    throw new Error("SLIPWAY_TEST_DATABASE_URL is not set; it names a PostgreSQL server for tests.");
  const name = `slipway_test_${randomBytes(8).toString("hex")}`;
  const admin = async (sql: string) => {
    const client = new pg.Client({ connectionString: server });
    await client.connect();
    await client.query(sql).finally(() => client.end());
  };
  await admin(`CREATE DATABASE "${name}"`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => admin(`DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`) };
}

/** The same, with this version's schema. */
export async function createTemporaryDatabase(): Promise<TemporaryDatabase> {
  const database = await createEmptyDatabase();
  await deploy(database.url, readMigrations(MIGRATIONS_DIRECTORY));
  return database;
}
