import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { ensureAccount } from "../bootstrap/account.mjs";
import { Child } from "../bootstrap/child.mjs";
import { databaseCommand, databaseUrl, prepareDatabase, waitForDatabase } from "../bootstrap/database.mjs";
import { Release } from "../bootstrap/release.mjs";

const STOP_TIMEOUT_MS = 10_000;

/**
 * A PostgreSQL for the tests of one run, in a directory that goes with it; SLIPWAY_TEST_DATABASE_URL names it. A URL that
 * is set already is used as it is.
 */
export async function setup(): Promise<(() => Promise<void>) | undefined> {
  if (process.env.SLIPWAY_TEST_DATABASE_URL) return undefined;
  const root = mkdtempSync(path.join(tmpdir(), "slipway-db-"));
  chmodSync(root, 0o755);
  const account = process.getuid?.() === 0 ? await ensureAccount() : null;
  const directory = path.join(root, "postgres");
  const options = { programs: new Release(root).postgres(), directory, account, durable: false };
  const ended = new AbortController();
  const child = new Child({
    name: "postgres",
    command: () => databaseCommand(options),
    cwd: "/",
    env: { PATH: process.env.PATH, LC_ALL: "C.UTF-8" },
    account,
    orphanSignal: "SIGINT",
    logFile: path.join(root, "postgres.log"),
    runDirectory: root,
    onLine: () => undefined,
    onTrouble: () => undefined,
    onGivenUp: (how) => ended.abort(new Error(`PostgreSQL ${how}`)),
  });
  async function tearDown(): Promise<void> {
    await child.stop("SIGINT", STOP_TIMEOUT_MS);
    rmSync(root, { recursive: true, force: true });
  }
  try {
    await prepareDatabase(options);
    child.start();
    await waitForDatabase(directory, child.pid, ended.signal);
  } catch (error) {
    await tearDown();
    throw error;
  }
  process.env.SLIPWAY_TEST_DATABASE_URL = databaseUrl(directory);
  return tearDown;
}
