import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Child, type ChildOptions, endLeftovers } from "./child.mjs";
import { identify, isAlive } from "./identity.mjs";

const NOBODY = { uid: 65_534, gid: 65_534 };
let directory = "";
let child: Child | undefined;
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), "slipway-child-"));
});
afterEach(async () => {
  await child?.stop("SIGKILL", 0);
  rmSync(directory, { recursive: true, force: true });
});

function create(script: string, options: Partial<ChildOptions> = {}): Child {
  child = new Child({
    name: "sleeper",
    command: () => ({ program: "sh", args: ["-c", script] }),
    cwd: "/",
    env: { PATH: process.env.PATH },
    account: null,
    orphanSignal: "SIGTERM",
    logFile: path.join(directory, "sleeper.log"),
    runDirectory: directory,
    onLine: () => undefined,
    onTrouble: () => undefined,
    onGivenUp: () => undefined,
    ...options,
  });
  return child;
}

test("a child runs as the account, with its environment and nothing more", async () => {
  const lines: string[] = [];
  create("id -u; id -G; env | grep -v -e ^PWD -e ^_ -e ^SHLVL; sleep 60", {
    account: NOBODY,
    onLine: (line) => lines.push(line),
  }).start();
  await vi.waitFor(() => expect(lines).toEqual(["65534", "65534", expect.stringMatching(/^PATH=/)]), 5_000);
});

test("a child that ends is started again, and its end is told", async () => {
  const ends: string[] = [];
  const running = create("sleep 60", { onTrouble: (how) => ends.push(how) });
  running.start();
  running.keep();
  const first = running.pid;
  process.kill(first, "SIGKILL");
  await vi.waitFor(() => expect(running.isRunning && running.pid !== first).toBe(true), 5_000);
  expect(ends).toEqual(["was ended by SIGKILL and is started again"]);
});

test("a standby takes the place of a child that ends, and another one gets ready", async () => {
  const lines: string[] = [];
  const wait = 'if [ "$SLIPWAY_AWAIT_TURN" ]; then echo loaded; read -r _; fi';
  const running = create(`${wait}; echo serving; exec sleep 60`, {
    standbyAfterMs: 10,
    onLine: (line) => lines.push(line),
  });
  running.start();
  running.keep();
  await vi.waitFor(() => expect(lines.toSorted()).toEqual(["loaded", "serving"]), 5_000);
  const standby = running.standbyPid;
  process.kill(running.pid, "SIGKILL");
  await vi.waitFor(() => expect(running.pid).toBe(standby), 5_000);
  await vi.waitFor(() => expect(lines.toSorted()).toEqual(["loaded", "loaded", "serving", "serving"]), 5_000);
  const identities = [identify(running.pid), identify(running.standbyPid)];
  await running.stop("SIGTERM", 1_000);
  await vi.waitFor(() => expect(identities.map((one) => one && isAlive(one))).toEqual([false, false]), 5_000);
});

test("without a standby that lives, an end is a start like the first", async () => {
  const lines: string[] = [];
  const running = create('[ "$SLIPWAY_AWAIT_TURN" ] && exit 1; echo serving; exec sleep 60', {
    standbyAfterMs: 10,
    onLine: (line) => lines.push(line),
  });
  running.start();
  running.keep();
  await vi.waitFor(() => expect(lines).toEqual(["serving"]), 5_000);
  process.kill(running.pid, "SIGKILL");
  await vi.waitFor(() => expect(lines).toEqual(["serving", "serving"]), 5_000);
});

test("a child that ends while it starts is not started again", async () => {
  const given = new Promise<string>((resolve) => create("exit 3", { onGivenUp: resolve }).start());
  expect(await given).toBe("ended with status 3");
});

test("a child that does not end when asked is killed after the time", async () => {
  const lines: string[] = [];
  create('trap "" INT; echo ready; while :; do sleep 1; done', {
    onLine: (line) => lines.push(line),
  }).start();
  await vi.waitFor(() => expect(lines).toEqual(["ready"]), 5_000);
  const startedMs = Date.now();
  expect(await child?.stop("SIGINT", 300)).toBe("killed");
  expect(Date.now() - startedMs).toBeLessThan(2_000);
});

test("a child dies with a supervisor that is killed, and the next one finds nothing", async () => {
  const supervisor = spawn(process.execPath, [
    path.join(import.meta.dirname, "testdata/supervisor.mjs"),
    directory,
  ]);
  const [output] = await once(supervisor.stdout, "data");
  const identity = identify(Number(String(output)));
  if (identity === null) throw new Error("the child does not run");
  supervisor.kill("SIGKILL");
  await vi.waitFor(() => expect(isAlive(identity)).toBe(false), 5_000);
  expect(await endLeftovers(directory, [{ name: "sleeper", signal: "SIGTERM", timeoutMs: 1_000 }])).toEqual(
    [],
  );
});

test("what a killed supervisor left running is ended by the next start, by its identity", async () => {
  create("trap '' TERM; sleep 60 & wait", {}).start();
  const identity = identify(child?.pid ?? 0);
  const leftovers = [{ name: "sleeper", signal: "SIGKILL" as const, timeoutMs: 1_000 }];
  expect(await endLeftovers(directory, leftovers)).toEqual(["sleeper"]);
  expect(identity && isAlive(identity)).toBe(false);
  expect(existsSync(path.join(directory, "sleeper.json"))).toBe(false);
});

test("what it prints is in its log", async () => {
  create("echo one; echo two >&2; sleep 60").start();
  await vi.waitFor(
    () => expect(readFileSync(path.join(directory, "sleeper.log"), "utf8")).toMatch(/one\n|two\n/),
    5_000,
  );
});
