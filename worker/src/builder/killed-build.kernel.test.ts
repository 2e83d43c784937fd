import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { expectNothingLeft, fileOf, last, outcomes } from "./build-outcome-fixture.ts";
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

/** Builds in a process of its own, and kills that some time after its first output. */
async function killed(text: string, afterMs: number): Promise<void> {
  const worker = spawn(process.execPath, ["--import", "tsx", KILLED_WORKER, fixture.root, text], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(worker.stdout, "data");
  await sleep(afterMs);
  worker.kill("SIGKILL");
  if (worker.exitCode === null && worker.signalCode === null) await once(worker, "exit");
}

it("a worker that comes back after a kill leaves nothing of the build, and has the finished steps cached", async () => {
  await killed("FROM busybox\nRUN echo kept > /kept; sleep 0.5\nRUN touch /half; echo up; sleep 1000", 300);
  const again = await openFixture({ directory: fixture.root });
  await expectNothingLeft(again);
  const events = await buildContext(again, [
    dockerfile("FROM busybox\nRUN echo kept > /kept; sleep 0.5\nRUN ls /half || true"),
  ]);
  expect(last(events)).toMatchObject({ type: "image" });
  expect(outcomes(events).slice(0, 2)).toEqual(["base-present", "same-inputs"]);
}, 120_000);

it("a kill at any moment, also while layers are made behind the steps, leaves a store that builds go on with", async () => {
  const steps = Array.from(
    { length: 10 },
    (_, at) => `RUN echo ${at}; dd if=/dev/urandom of=/f${at} bs=256k count=8 2>/dev/null`,
  );
  for (const afterMs of [0, 60, 150, 400]) {
    await killed(`FROM busybox\nENV AFTER=${afterMs}\n${steps.join("\n")}\nRUN sleep 1000`, afterMs);
    const again = await openFixture({ directory: fixture.root });
    await expectNothingLeft(again);
    const text = `FROM busybox\nENV AFTER=${afterMs}\n${steps.join("\n")}\nRUN cat /f* | wc -c > /sum`;
    expect(await fileOf(again, await buildContext(again, [dockerfile(text)]), "sum")).toBe(
      `${20 * 1024 ** 2}\n`,
    );
  }
}, 240_000);
