import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import type { Client } from "pg";

/** PostgreSQL writes a plan when its statement is through; its log comes through a pipe. */
const LOG_MS = 1_000;

/**
 * The plans of the statements that `ask` causes, as PostgreSQL carried them out (auto_explain), each once. The web server's
 * connections are cut before and after, so that new ones take the setting and lose it.
 */
export async function plansOf(
  database: Client,
  logFile: string,
  ask: () => Promise<void>,
): Promise<string[]> {
  const name = "current_database()";
  const cut = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = ${name} AND pid <> pg_backend_pid() AND backend_type = 'client backend'`;
  const { rows } = await database.query<{ name: string }>(`SELECT quote_ident(${name}) AS name`);
  const of = rows[0]?.name;
  const settings = {
    log_min_duration: "0",
    log_analyze: "on",
    log_timing: "off",
    log_nested_statements: "off",
  };
  await database.query(`ALTER DATABASE ${of} SET session_preload_libraries = 'auto_explain'`);
  for (const [key, value] of Object.entries(settings))
    await database.query(`ALTER DATABASE ${of} SET auto_explain.${key} = '${value}'`);
  try {
    await database.query(cut);
    await sleep(LOG_MS);
    const before = (await readFile(logFile, "utf8")).length;
    await ask();
    await sleep(LOG_MS);
    return plans((await readFile(logFile, "utf8")).slice(before));
  } finally {
    for (const key of [
      "session_preload_libraries",
      ...Object.keys(settings).map((one) => `auto_explain.${one}`),
    ])
      await database.query(`ALTER DATABASE ${of} RESET ${key}`);
    await database.query(cut);
  }
}

/** Statement and plan of each entry: what is indented after its first line. */
function plans(log: string): string[] {
  const found = new Map<string, string>();
  for (const [, text = ""] of log.matchAll(/LOG: {2}duration: [^\n]*plan:\n((?:\t[^\n]*\n)+)/g)) {
    const plan = text.replace(/^\t/gm, "");
    const statement = /Query Text: ([\s\S]*?)\n(?=\S)/.exec(plan)?.[1] ?? plan;
    // Jobs of the queue run by themselves in between.
    if (!/^(BEGIN|COMMIT|SELECT 1)|pgboss\./.test(statement)) found.set(statement, plan);
  }
  return [...found.values()];
}
