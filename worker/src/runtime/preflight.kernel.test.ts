import { chmod, mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { mountOverlay } from "@slipway/native";
import { afterAll, afterEach, beforeEach, expect, test } from "vitest";
import type { Cgroups } from "../cgroup/cgroup.ts";
import { openCgroups } from "../cgroup/open.ts";
import { removeTestBase, TEST_CGROUP_BASE } from "../cgroup/test-base.ts";
import { OciRuntime } from "./oci-runtime.ts";
import { preflight } from "./preflight.ts";

const ids = { firstHostId: 1_900_000_000, size: 65_536 };
let directory: string;
let cgroups: Cgroups;

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "slipway-preflight-"));
  await chmod(directory, 0o711);
  cgroups = await openCgroups(TEST_CGROUP_BASE);
});
afterEach(async () => await rm(directory, { recursive: true }));

afterAll(removeTestBase);

function open(program: "crun" | "runc", seccompProfile?: string): Promise<OciRuntime> {
  return OciRuntime.open({
    program,
    directory: path.join(directory, "containers"),
    stateDirectory: path.join(directory, "state"),
    cgroups,
    ...(seccompProfile === undefined ? {} : { seccompProfile }),
  });
}

test("a machine that can run containers passes, and nothing is left", async () => {
  const runtime = await open("crun");
  await preflight({ cgroups, runtime, directory, ids });
  expect((await readdir(directory)).sort()).toEqual(["containers", "state"]);
  expect(await runtime.list()).toEqual([]);
  expect(await readFile("/proc/self/mountinfo", "utf8")).not.toContain(directory);
  expect((await cgroups.list()).filter((name) => name.startsWith("preflight"))).toEqual([]);
});

test("what a kill left of an earlier one is removed, its mount included", async () => {
  const home = path.join(directory, "preflight-killed");
  for (const name of ["lower", "upper", "work", "target"])
    await mkdir(path.join(home, name), { recursive: true });
  await mountOverlay({
    lowers: [path.join(home, "lower")],
    upper: { directory: path.join(home, "upper"), work: path.join(home, "work") },
    target: path.join(home, "target"),
    idRange: null,
  });
  const runtime = await open("crun");
  await preflight({ cgroups, runtime, directory, ids });
  expect((await readdir(directory)).sort()).toEqual(["containers", "state"]);
  expect(await readFile("/proc/self/mountinfo", "utf8")).not.toContain(directory);
});

test("ids that can't be mapped are named as the reason", async () => {
  const runtime = await open("crun");
  const outside = { firstHostId: 2 ** 32 - 2, size: 65_536 };
  const failure = preflight({ cgroups, runtime, directory, ids: outside });
  await expect(failure).rejects.toMatchObject({ code: "idmap-missing", fault: "platform" });
  expect(await readFile("/proc/self/mountinfo", "utf8")).not.toContain(directory);
});

test("a directory that containers can't pass through is named", async () => {
  await chmod(directory, 0o700);
  await expect(open("crun")).rejects.toMatchObject({
    code: "runtime-failed",
    message: expect.stringContaining(directory),
  });
});

test("a missing runtime is named", async () => {
  const before = process.env.PATH;
  process.env.PATH = directory;
  try {
    await expect(open("runc")).rejects.toMatchObject({
      code: "runtime-missing",
      params: { runtime: "runc" },
    });
  } finally {
    process.env.PATH = before;
  }
});

test("a missing or broken seccomp profile is no reason to run without", async () => {
  await expect(open("crun", path.join(directory, "none.json"))).rejects.toMatchObject({
    code: "runtime-missing",
  });
  await expect(open("crun", "/etc/passwd")).rejects.toMatchObject({ code: "runtime-missing" });
});
