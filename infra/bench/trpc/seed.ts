import type { Client } from "pg";

export const PLAYGROUNDS = 10_000;
export const BUILDS_EACH = 10;
/** Of one person, who may have 200. */
const PLAYGROUNDS_EACH = 100;
const MARK = "bench";

/** What everything is a copy of. */
export interface Original {
  readonly playgroundId: string;
  /** People who ask later; others own what is left. */
  readonly owners: readonly string[];
}

/** Copies of the rows `original` of a table, each with some columns of its own. */
const copies = (table: string, own: string, among: string, where: string): string =>
  `INSERT INTO ${table} SELECT made.* FROM ${table} original CROSS JOIN ${among}
   CROSS JOIN LATERAL jsonb_populate_record(original, jsonb_build_object(${own})) made WHERE ${where}`;

const PLAYGROUND = `'${MARK}' || lpad(n::text, 6, '0')`;
const BUILD = `'${MARK}' || lpad((n * ${BUILDS_EACH} + i)::text, 8, '0')`;
const numbers = `generate_series(0, ${PLAYGROUNDS - 1}) n`;
const builds = `generate_series(0, ${BUILDS_EACH - 1}) i`;

/** Fills the database with copies of a playground that has been built once: its files, contents, build and events. */
export async function fill(database: Client, { playgroundId, owners }: Original): Promise<void> {
  const others = PLAYGROUNDS / PLAYGROUNDS_EACH - owners.length;
  await database.query(
    `INSERT INTO users (id, name, email, is_anonymous, updated_at)
     SELECT '${MARK}-' || n, 'Somebody', '${MARK}-' || n || '@example.org', true, now() FROM generate_series(1, $1::int) n`,
    [others],
  );
  const all = [...owners, ...Array.from({ length: others }, (_, index) => `${MARK}-${index + 1}`)];
  const owner = `(ARRAY[${all.map((id) => `'${id}'`).join(", ")}])[n / ${PLAYGROUNDS_EACH} + 1]`;
  const own = `'id', ${PLAYGROUND}, 'owner_id', ${owner}, 'name', 'Playground ' || n, 'saved_at', now() - n * interval '1 minute'`;
  await database.query(copies("playgrounds", own, numbers, `original.id = '${playgroundId}'`));
  const inside = `original.playground_id = '${playgroundId}'`;
  for (const table of ["playground_blobs", "playground_files", "playground_versions"])
    await database.query(copies(table, `'playground_id', ${PLAYGROUND}`, numbers, inside));
  const among = `${numbers} CROSS JOIN ${builds}`;
  const build = `'id', ${BUILD}, 'playground_id', ${PLAYGROUND}, 'created_at', now() - i * interval '1 hour'`;
  await database.query(copies("builds", build, among, inside));
  const ofBuild = `original.build_id = (SELECT id FROM builds WHERE playground_id = '${playgroundId}')`;
  await database.query(copies("build_events", `'build_id', ${BUILD}`, among, ofBuild));
  // What autovacuum would do a minute later, beside the questions, and a server that has run for a day has done.
  await database.query("VACUUM ANALYZE");
  await database.query("CHECKPOINT");
}

/** Takes away what `fill` made. */
export async function empty(database: Client): Promise<void> {
  await database.query(`DELETE FROM playgrounds WHERE id LIKE '${MARK}%'`);
  await database.query(`DELETE FROM users WHERE id LIKE '${MARK}-%'`);
}

/** Ids of the playgrounds of the owner with this number, and of the builds of one of them. */
export const playgroundsOf = (owner: number): string[] =>
  Array.from({ length: PLAYGROUNDS_EACH }, (_, index) => idOf(owner * PLAYGROUNDS_EACH + index, 6));
export const buildsOf = (playground: string): string[] => {
  const number = Number(playground.slice(MARK.length));
  return Array.from({ length: BUILDS_EACH }, (_, index) => idOf(number * BUILDS_EACH + index, 8));
};

const idOf = (number: number, digits: number): string => `${MARK}${String(number).padStart(digits, "0")}`;
