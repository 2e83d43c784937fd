import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import {
  checkCgroups,
  checkFreeSpace,
  checkPort,
  checkProcess,
  closedParent,
  makeDataDir,
} from "./preflight.mjs";
import { Refusal, sentenceOf } from "./refusal.mjs";
import { readSettings } from "./settings.mjs";

const directory = mkdtempSync(path.join(tmpdir(), "slipway-preflight-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const root = { platform: "linux", uid: 0, nodeVersion: "22.1.0" };
const V1 = ["memory", "pids", "cpu"]
  .map((name) => `cgroup /sys/fs/cgroup/${name} cgroup rw,relatime,${name} 0 0`)
  .join("\n");
const V2 = "cgroup2 /sys/fs/cgroup cgroup2 rw,nosuid 0 0";

describe("a machine that can't run the worker is told what to do instead", () => {
  test.each([
    ["macOS", { ...root, platform: "darwin" }, /needs Linux.*infra\/compose\.yaml/],
    ["another user than root", { ...root, uid: 1000 }, /needs root.*sudo npm start.*infra\/compose\.yaml/],
    ["an old Node", { ...root, nodeVersion: "20.18.3" }, /Node 20\.19 or newer/],
  ])("%s", (_name, facts, sentence) => {
    expect(() => checkProcess(facts)).toThrow(sentence);
  });

  test("the oldest Node that is supported may", () => {
    expect(() => checkProcess({ ...root, nodeVersion: "20.19.0" })).not.toThrow();
  });
});

describe("cgroups", () => {
  test.each([
    ["version 1", V1],
    ["version 2", V2],
    ["the hybrid of both", `${V1}\ncgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0`],
  ])("%s is enough", (_name, mounts) => {
    expect(() => checkCgroups(mounts)).not.toThrow();
  });

  test("none are refused", () => {
    expect(() => checkCgroups("proc /proc proc rw 0 0")).toThrow(/no cgroups/);
  });

  test("read-only ones, as in a container without privileges, are refused", () => {
    expect(() => checkCgroups(V2.replace("rw", "ro"))).toThrow(/read-only.*compose/);
  });
});

test("a disk with too little space is refused with what is there and what is needed", () => {
  expect(() => checkFreeSpace(directory, 2 ** 60, "the first start")).toThrow(
    /is full: [\d.]+ GiB free, and the first start needs/,
  );
});

test("a port that is taken is refused with the setting that names another", async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  await expect(checkPort(address.port, "127.0.0.1")).rejects.toThrow(
    /is taken by another program.*SLIPWAY_PORT/,
  );
  await new Promise((resolve) => server.close(resolve));
  await expect(checkPort(address.port, "127.0.0.1")).resolves.toBeUndefined();
});

test("an address that is not the machine's is refused", async () => {
  await expect(checkPort(3000, "192.0.2.7")).rejects.toThrow(/no address of this machine/);
});

test("a data directory below one that only root may enter is refused", () => {
  const inside = path.join(directory, "data");
  expect(closedParent(inside)).toBe(directory);
  expect(() => makeDataDir(inside)).toThrow(/only root may enter/);
});

describe("a wrong setting gives a sentence that names it", () => {
  test.each([
    [{ SLIPWAY_PORT: "http" }, /SLIPWAY_PORT/],
    [{ SLIPWAY_PORT: "70000" }, /SLIPWAY_PORT/],
    [{ SLIPWAY_DATA_DIR: "data" }, /SLIPWAY_DATA_DIR/],
    [{ SLIPWAY_DATA_DIR: "/var/lib/../slipway" }, /SLIPWAY_DATA_DIR/],
    [{ SLIPWAY_PUBLIC_URL: "slipway" }, /SLIPWAY_PUBLIC_URL/],
  ])("%o", (env, sentence) => {
    expect(() => readSettings(env as unknown as NodeJS.ProcessEnv)).toThrow(sentence);
  });
});

test("a full disk has one sentence, however deep it lies", () => {
  const full = new Error("write", { cause: Object.assign(new Error("x"), { code: "ENOSPC" }) });
  expect(sentenceOf(full)).toMatch(/^The disk is full\./);
  expect(sentenceOf(new Refusal("Mine."))).toBe("Mine.");
});
