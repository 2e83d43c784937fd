import { readdirSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { everything, leaks } from "./leaks-fixture.ts";
import { type } from "./screen-fixture.ts";
import type { Sessions } from "./session.ts";
import { TestMachine } from "./test-machine.ts";

const CYCLES = 25;

let machine: TestMachine;
let sessions: Sessions;
beforeAll(async () => {
  machine = await TestMachine.make();
});
afterAll(async () => {
  await sessions.endAll();
  await machine.dispose();
});

const descriptors = (): number => readdirSync("/proc/self/fd").length;

async function cycle(cmd: readonly string[]): Promise<void> {
  const request = machine.request(await machine.image(cmd));
  await sessions.launch(request);
  const main = await sessions.awaitTerminal(request.sessionId, request.terminals.main);
  await type(main, "echo up-$((1+1))", /up-2/);
  await sessions.stop(request.sessionId);
}

test(`${CYCLES} launches and stops, prepared and cold ones, leave no mount, namespace, group, loop, file, process or descriptor`, async () => {
  sessions = await machine.sessions(3);
  await cycle(["sh"]);
  await machine.until("the pool is full", () => sessions.prepared === 3);
  const before = descriptors();
  // Every fifth is of an image that nobody expects.
  for (let number = 1; number <= CYCLES; number += 1)
    await cycle(number % 5 === 0 ? ["sh", "-c", `exec sh # ${number}`] : ["sh"]);
  await machine.until("the pool is full again", () => sessions.prepared === 3);
  // Some are open for a moment only; one more for each cycle would be many.
  await machine.until("descriptors are closed", () => descriptors() < before + CYCLES / 5);
  await sessions.endAll();
  expect(await leaks(machine)).toEqual([]);
  // Nothing is left of sessions but what can still be read of them.
  const left = everything(machine).filter((found) => !/\/(sessions|terminals)\//.test(found));
  const kept = left.filter((found) => /disks\/images\/[0-9a-f]{12}\.img$/.test(found));
  expect(left).toEqual(kept);
}, 120_000);
