import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ensureAccount } from "./account.mjs";
import { Child } from "./child.mjs";
import {
  type DatabaseOptions,
  databaseCommand,
  databaseUrl,
  prepareDatabase,
  waitForDatabase,
} from "./database.mjs";
import { Release } from "./release.mjs";

const STOP_TIMEOUT_MS = 10_000;
let root = "";
let options: DatabaseOptions;
let server: Child | undefined;

beforeAll(async () => {
  root = mkdtempSync(path.join(tmpdir(), "slipway-pg-"));
  chmodSync(root, 0o755);
  const programs = new Release(root).postgres();
  options = { programs, directory: path.join(root, "postgres"), account: await ensureAccount() };
  await prepareDatabase(options);
});
afterAll(async () => {
  await server?.stop("SIGINT", STOP_TIMEOUT_MS);
  rmSync(root, { recursive: true, force: true });
});

async function start(): Promise<Child> {
  await prepareDatabase(options);
  server = new Child({
    name: "postgres",
    command: () => databaseCommand(options),
    cwd: "/",
    env: { PATH: process.env.PATH, LC_ALL: "C.UTF-8" },
    account: options.account,
    orphanSignal: "SIGINT",
    logFile: path.join(root, "postgres.log"),
    runDirectory: root,
    onLine: () => undefined,
    onTrouble: () => undefined,
    onGivenUp: () => undefined,
  });
  server.start();
  await waitForDatabase(options.directory, server.pid, AbortSignal.timeout(30_000));
  return server;
}

async function query(sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: databaseUrl(options.directory) });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

test("it runs as the account, listens on no network, and root connects without a password", async () => {
  const running = await start();
  expect(readFileSync(`/proc/${running.pid}/status`, "utf8")).toMatch(
    new RegExp(`^Uid:\\s+${options.account?.uid}\\b`, "m"),
  );
  expect(await query("SELECT current_setting('listen_addresses') AS listens, current_user AS role")).toEqual([
    { listens: "", role: "slipway" },
  ]);
  await query("CREATE TABLE kept (n int); INSERT INTO kept VALUES (7)");
  await running.stop("SIGINT", STOP_TIMEOUT_MS);
});

test("a server that was killed loses nothing, and the next one starts over what it left", async () => {
  const running = await start();
  await running.stop("SIGKILL", 0);
  await start();
  expect(await query("SELECT n FROM kept")).toEqual([{ n: 7 }]);
});

test("a server that still runs is ended before the next one starts", async () => {
  const first = server;
  const second = await start();
  expect(second.pid).not.toBe(first?.pid);
  expect(await query("SELECT n FROM kept")).toEqual([{ n: 7 }]);
  await second.stop("SIGINT", STOP_TIMEOUT_MS);
});

test("a pid file that names a process of somebody else is no obstacle, and that process is left alone", async () => {
  writeFileSync(
    path.join(options.directory, "cluster/postmaster.pid"),
    `${process.pid}\n${options.directory}\n`,
  );
  const running = await start();
  await running.stop("SIGINT", STOP_TIMEOUT_MS);
});

test("a cluster of a newer PostgreSQL is refused and left as it is", async () => {
  const version = path.join(options.directory, "cluster/PG_VERSION");
  const before = readFileSync(version, "utf8");
  writeFileSync(version, "99\n");
  await expect(prepareDatabase(options)).rejects.toThrow(/PostgreSQL 99, newer than this Slipway's/);
  writeFileSync(version, before);
});

test("a path that is too long for a unix socket is refused", async () => {
  const directory = path.join(root, "x".repeat(110));
  await expect(prepareDatabase({ ...options, directory })).rejects.toThrow(
    /too long a path.*SLIPWAY_DATA_DIR/,
  );
});
