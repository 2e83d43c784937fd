import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { deploy, type Migration, readMigrations } from "./deploy.ts";
import { createEmptyDatabase, MIGRATIONS_DIRECTORY, type TemporaryDatabase } from "./temporary-database.ts";

const migrations = readMigrations(MIGRATIONS_DIRECTORY);
const newest = "99990101000000_of_tomorrow";
const tomorrow = (sql: string): Migration => ({ name: newest, sql, checksum: "0".repeat(64) });

let database: TemporaryDatabase;
beforeAll(async () => {
  database = await createEmptyDatabase();
});
afterAll(() => database?.drop());

async function query(sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

test("two deploys at the same moment apply each migration once", async () => {
  const answers = await Promise.all([deploy(database.url, migrations), deploy(database.url, migrations)]);
  expect(answers.flat().sort()).toEqual(migrations.map((migration) => migration.name));
  const rows = await query("SELECT migration_name, checksum, applied_steps_count FROM _prisma_migrations");
  expect(rows).toHaveLength(migrations.length);
});

test("a deploy with nothing to do changes nothing", async () => {
  expect(await deploy(database.url, migrations)).toEqual([]);
});

test("a migration that fails leaves nothing of itself behind", async () => {
  const broken = tomorrow("CREATE TABLE half (id int); SELECT broken;");
  await expect(deploy(database.url, [...migrations, broken])).rejects.toMatchObject({
    reason: "migration-failed",
  });
  expect(await query("SELECT to_regclass('half') AS half")).toEqual([{ half: null }]);
  expect(await deploy(database.url, migrations)).toEqual([]);
});

test("an edited migration is refused", async () => {
  const edited = migrations.map((migration) => ({ ...migration, checksum: "f".repeat(64) }));
  await expect(deploy(database.url, edited)).rejects.toMatchObject({ reason: "migration-edited" });
});

test("a database of a newer version is refused in one sentence, and stays as it is", async () => {
  await deploy(database.url, [...migrations, tomorrow("CREATE TABLE tomorrow (id int)")]);
  const refusal = deploy(database.url, migrations);
  await expect(refusal).rejects.toThrow(/^This is a database of a newer version of Slipway \(.*\); [^.]*\.$/);
  await expect(refusal).rejects.toMatchObject({ reason: "newer-database" });
  expect(await query("SELECT to_regclass('tomorrow')::text AS t")).toEqual([{ t: "tomorrow" }]);
});
