import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import {
  buildContext,
  dockerfile,
  type Fixture,
  fixtureWithBusybox,
  openFixture,
} from "./builder-fixture.ts";

const KILLED_WORKER = fileURLToPath(new URL("./killed-build-fixture.ts", import.meta.url));

let fixture: Fixture;
beforeAll(async () => {
  fixture = await fixtureWithBusybox();
}, 120_000);
afterAll(async () => {
  await fixture?.close();
});

it("a worker that comes back after a kill leaves nothing of the build, and has the finished steps cached", async () => {
  const worker = spawn(process.execPath, ["--import", "tsx", KILLED_WORKER, fixture.root], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [chunk] = await once(worker.stdout, "data");
  expect(String(chunk)).toBe("up\n");
  worker.kill("SIGKILL");
  await once(worker, "exit");

  const again = await openFixture({ directory: fixture.root });
  expect(await readdir(path.join(fixture.root, "builds/running"))).toEqual([]);
  expect(await readdir(path.join(fixture.root, "snapshots/active"))).toEqual([]);
  expect(await again.runtime.list()).toEqual([]);
  expect(await readFile("/proc/mounts", "utf8")).not.toContain(fixture.root);

  const events = await buildContext(again, [
    dockerfile("FROM busybox\nRUN echo kept > /kept\nRUN ls /half || true"),
  ]);
  expect(events.map(({ type }) => type)).toContain("image");
  expect(events.filter(({ type }) => type === "step-cached")).toHaveLength(2);
}, 120_000);
