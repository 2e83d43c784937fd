import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:net";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { acquireLock } from "./lock.mjs";

const TIMEOUT_MS = 30_000;
const START = path.join(import.meta.dirname, "start.mjs");
let directory = "";
let dataDir = "";
let server: Server | undefined;

beforeEach(() => {
  directory = mkdtempSync("/var/tmp/slipway-start-");
  chmodSync(directory, 0o755);
  dataDir = path.join(directory, "data");
});
afterEach(async () => {
  if (server) await new Promise((resolve) => server?.close(resolve));
  server = undefined;
  rmSync(directory, { recursive: true, force: true });
});

/** Takes a port, so that no start ever comes further than its preflight. */
async function takePort(): Promise<number> {
  server = createServer();
  await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

function run(program: string, args: string[], env: Record<string, string>): SpawnSyncReturns<string> {
  const own = { ...process.env, SLIPWAY_DATA_DIR: dataDir, ...env };
  return spawnSync(program, args, { env: own, encoding: "utf8", timeout: TIMEOUT_MS });
}

/** Runs start.mjs in a mount namespace that a script has changed. */
async function startIn(script: string): Promise<SpawnSyncReturns<string>> {
  const port = String(await takePort());
  const inside = `${script}\nexec "$0" "$1"`;
  return run(
    "unshare",
    ["--mount", "--propagation", "private", "sh", "-ec", inside, process.execPath, START],
    {
      SLIPWAY_PORT: port,
    },
  );
}

function expectRefusal({ status, stdout, stderr }: SpawnSyncReturns<string>, sentence: RegExp): void {
  expect(stderr).toBe("");
  expect(stdout.trim().split("\n")).toEqual([expect.stringMatching(sentence)]);
  expect(status).toBe(1);
}

test("a port that is taken is one sentence and status 1", async () => {
  const port = await takePort();
  expectRefusal(
    run(process.execPath, [START], { SLIPWAY_PORT: String(port) }),
    /Port \d+ on 127\.0\.0\.1 is taken.*SLIPWAY_PORT/,
  );
  expect(existsSync(path.join(dataDir, "run/lock.json"))).toBe(false);
});

test("a start beside a running one is one sentence that says where it runs", () => {
  const unlock = acquireLock(path.join(dataDir, "run"), "http://localhost:3456");
  expectRefusal(
    run(process.execPath, [START], {}),
    /runs already \(process \d+\) at http:\/\/localhost:3456/,
  );
  unlock();
});

test("a start without root says what to do instead, and touches nothing", () => {
  cpSync(import.meta.dirname, path.join(directory, "infra/bootstrap"), { recursive: true });
  // The clone of these tests may be one that only root reads.
  spawnSync("chmod", ["-R", "a+rX", path.join(directory, "infra")]);
  const start = path.join(directory, "infra/bootstrap/start.mjs");
  const args = ["--reuid=65534", "--regid=65534", "--clear-groups", process.execPath, start];
  expectRefusal(run("setpriv", args, {}), /needs root.*sudo npm start.*infra\/compose\.yaml/);
  expect(existsSync(dataDir)).toBe(false);
});

test("a wrong setting is one sentence", () => {
  expectRefusal(run(process.execPath, [START], { SLIPWAY_PORT: "web" }), /SLIPWAY_PORT is "web"/);
});

test("a full disk is one sentence, before anything is made", async () => {
  mkdirSync(dataDir);
  expectRefusal(
    await startIn('mount -t tmpfs -o size=1m none "$SLIPWAY_DATA_DIR"'),
    /is full: 0\.0 GiB free, and Slipway needs/,
  );
  expect(readdirSync(dataDir)).toEqual([]);
});

test("a machine without cgroups is one sentence", async () => {
  const result = await startIn("umount --recursive --lazy /sys/fs/cgroup");
  expectRefusal(result, /has no cgroups/);
});

test("a kernel without overlayfs is one sentence", async () => {
  const script = [
    "grep -v overlay /proc/filesystems > /var/tmp/slipway-filesystems.$$",
    "mount --bind /var/tmp/slipway-filesystems.$$ /proc/filesystems",
    "rm /var/tmp/slipway-filesystems.$$",
    "modprobe=$(command -v modprobe || true)",
    '[ -z "$modprobe" ] || mount --bind /bin/false "$modprobe"',
    "export SLIPWAY_PORT=1",
  ].join("\n");
  expectRefusal(await startIn(script), /has no overlayfs/);
});
