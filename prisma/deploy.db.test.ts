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

test("files of an earlier version keep their content, and get their folders", async () => {
  const own = await createEmptyDatabase();
  const client = new pg.Client({ connectionString: own.url });
  try {
    const at = migrations.findIndex(({ name }) => name.endsWith("_playground_files"));
    await deploy(own.url, migrations.slice(0, at));
    await client.connect();
    await client.query(`
      INSERT INTO users (id, name, email, updated_at) VALUES ('u', 'u', 'u@example.org', now());
      INSERT INTO playgrounds (id, owner_id, name) VALUES ('p', 'u', 'p');
      INSERT INTO builds (id, playground_id, no_cache) VALUES ('b', 'p', false);
      INSERT INTO playground_files (playground_id, path, content) VALUES
        ('p', 'Dockerfile', 'FROM node'), ('p', 'src/lib/한글.js', '안녕'), ('p', 'src/copy.js', '안녕');
      INSERT INTO build_context_files (build_id, path, content, updated_at) VALUES ('b', 'old', 'earlier', now())`);
    await deploy(own.url, migrations);
    const { rows } = await client.query(`
      SELECT path, convert_from(content, 'UTF8') AS text, bytes FROM playground_files
      LEFT JOIN playground_blobs USING (playground_id, digest) ORDER BY path COLLATE "C"`);
    expect(rows.map(({ path, text, bytes }) => [path, text, bytes])).toEqual([
      ["Dockerfile", "FROM node", 9],
      ["src", null, null],
      ["src/copy.js", "안녕", 6],
      ["src/lib", null, null],
      ["src/lib/한글.js", "안녕", 6],
    ]);
    const context = await client.query(`
      SELECT path, convert_from(content, 'UTF8') AS text FROM build_context_files
      JOIN playground_blobs USING (playground_id, digest)`);
    expect(context.rows).toEqual([{ path: "old", text: "earlier" }]);
  } finally {
    await client.end();
    await own.drop();
  }
});
