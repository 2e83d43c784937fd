import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { TEST_CGROUP_BASE } from "../cgroup/test-base.ts";
import { RuntimeHarness } from "./conformance-harness.ts";
import { OciRuntime } from "./oci-runtime.ts";

const KILLED_WORKER = fileURLToPath(new URL("./killed-run-fixture.ts", import.meta.url));
/** Kills come at random moments of the first few containers. */
const WITHIN_MS = 250;
const GONE_MS = 60_000;

/** Command lines with a path in them, of programs that run. */
function programsOf(directory: string): string[] {
  const commands = readdirSync("/proc").flatMap((pid) => {
    try {
      return /^[0-9]+$/.test(pid) ? readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ") : [];
    } catch {
      return [];
    }
  });
  return commands.filter((command) => command.includes(directory));
}

const harness = new RuntimeHarness((directory, cgroups) =>
  OciRuntime.open({
    program: "crun",
    directory: path.join(directory, "containers"),
    stateDirectory: path.join(directory, "state"),
    cgroups,
  }),
);
beforeAll(() => harness.open());
beforeEach(() => harness.beforeEach());
afterEach(() => harness.afterEach());
afterAll(() => harness.close());

test.each([1, 2, 3, 4])(
  "kill %i of a worker at a random moment: all that stays is found and removed",
  async () => {
    const spec = harness.spec(["sh", "-c", "sleep 0.02; echo done > /done"]);
    const args = ["--import", "tsx", KILLED_WORKER, harness.home, TEST_CGROUP_BASE, JSON.stringify(spec)];
    const worker = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
    await once(worker.stdout, "data");
    await sleep(Math.random() * WITHIN_MS);
    worker.kill("SIGKILL");
    await once(worker, "exit");
    // What started the container ends it when its worker is gone; until then the container may still come into being.
    const running = async () => [...programsOf(harness.home), ...(await harness.pids())];
    await expect.poll(running, { timeout: GONE_MS }).toEqual([]);
    for (const id of await harness.runtime.list()) await (await harness.runtime.adopt(id))?.remove();
    await harness.expectNothingLeft();
    await rm(path.join(harness.home, "disk/work/work/incompat"), { recursive: true, force: true });
    expect((await harness.shell("true", { id: `${spec.id}-after` })).code).toBe(0);
  },
);
