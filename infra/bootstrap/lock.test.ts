import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { identify, isAlive } from "./identity.mjs";
import { acquireLock } from "./lock.mjs";

const URL_OF_FIRST = "http://localhost:3000";
let directory = "";
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), "slipway-lock-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

test("a second start is refused with the address of the first", () => {
  const unlock = acquireLock(directory, URL_OF_FIRST);
  expect(() => acquireLock(directory, "http://localhost:4000")).toThrow(
    `runs already (process ${process.pid}) at ${URL_OF_FIRST}`,
  );
  unlock();
  acquireLock(directory, URL_OF_FIRST)();
  expect(readdirSync(directory)).toEqual([]);
});

test("the lock of a process that is gone is taken over", () => {
  const { pid } = spawnSync("true");
  const stale = { ...identify(process.pid), pid };
  writeFileSync(path.join(directory, "lock.json"), JSON.stringify({ ...stale, url: URL_OF_FIRST }));
  expect(() => acquireLock(directory, URL_OF_FIRST)).not.toThrow();
});

test("the lock of a process whose number another program got is taken over", () => {
  const reused = { ...identify(process.pid), startTime: "1" };
  writeFileSync(path.join(directory, "lock.json"), JSON.stringify({ ...reused, url: URL_OF_FIRST }));
  expect(() => acquireLock(directory, URL_OF_FIRST)).not.toThrow();
});

test("a lock that a crash of the machine left half written is taken over", () => {
  writeFileSync(path.join(directory, "lock.json"), '{"pid":');
  acquireLock(directory, URL_OF_FIRST);
  expect(existsSync(path.join(directory, "lock.json"))).toBe(true);
});

test("a process is told apart from an earlier one and from none", () => {
  const own = identify(process.pid);
  expect(own && isAlive(own)).toBe(true);
  expect(own && isAlive({ ...own, startTime: "1" })).toBe(false);
  expect(own && isAlive({ ...own, bootId: "another boot" })).toBe(false);
  expect(identify(2 ** 22 + 1)).toBeNull();
});
