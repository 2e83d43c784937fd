import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeEach, expect, test } from "vitest";
import { openCgroups } from "../cgroup/open.ts";
import { removeTestBase, TEST_CGROUP_BASE } from "../cgroup/test-base.ts";
import { chooseRuntime } from "./choose-runtime.ts";
import { OciRuntime } from "./oci-runtime.ts";
import { preflight } from "./preflight.ts";
import type { RuntimeName } from "./runtime-program.ts";

const ids = { firstHostId: 1_900_000_000, size: 65_536 };
const before = process.env.PATH;
let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "slipway-choose-"));
  await chmod(directory, 0o711);
  await mkdir(path.join(directory, "bin"));
});
afterEach(async () => {
  process.env.PATH = before;
  await rm(directory, { recursive: true });
});
afterAll(removeTestBase);

/** Opens a runtime and runs a container with it, as the worker does when it starts. */
async function tried(program: RuntimeName): Promise<OciRuntime> {
  const cgroups = await openCgroups(TEST_CGROUP_BASE);
  const runtime = await OciRuntime.open({
    program,
    directory: path.join(directory, "containers"),
    stateDirectory: path.join(directory, `state-${program}`),
    cgroups,
  });
  await preflight({ cgroups, runtime, directory, ids });
  return runtime;
}

/** A machine whose crun answers and can't run a container: what crun says where it meets hybrid control groups. */
async function breakCrun(): Promise<void> {
  const script = '#!/bin/sh\n[ "$*" = --version ] && echo "crun version 1.8.1" && exit\nexit 1\n';
  await writeFile(path.join(directory, "bin/crun"), script, { mode: 0o755 });
  process.env.PATH = `${path.join(directory, "bin")}:${before}`;
}

test("crun is chosen where it runs a container", async () => {
  const chosen = await chooseRuntime(undefined, tried);
  expect(chosen).toMatchObject({ runtime: { name: "crun" }, passedOver: [] });
});

test("runc is chosen where crun can't run one, and the reason is kept", async () => {
  await breakCrun();
  const { runtime, passedOver } = await chooseRuntime(undefined, tried);
  expect(runtime.name).toBe("runc");
  expect(passedOver).toMatchObject([{ name: "crun", error: { code: "runtime-failed" } }]);
});

test("runc is chosen where crun isn't installed", async () => {
  await symlink("/usr/sbin/runc", path.join(directory, "bin/runc"));
  process.env.PATH = path.join(directory, "bin");
  const { runtime, passedOver } = await chooseRuntime(undefined, tried);
  expect(runtime.name).toBe("runc");
  expect(passedOver).toMatchObject([{ name: "crun", error: { code: "runtime-missing" } }]);
});

test("the one that is named is taken or nothing", async () => {
  expect((await chooseRuntime("runsc", tried)).runtime).toMatchObject({ name: "runsc", hardened: true });
  await breakCrun();
  await expect(chooseRuntime("crun", tried)).rejects.toMatchObject({ code: "runtime-failed" });
});

test("where none can, the first one's reason is told", async () => {
  process.env.PATH = path.join(directory, "bin");
  await expect(chooseRuntime(undefined, tried)).rejects.toMatchObject({ params: { runtime: "crun" } });
});
