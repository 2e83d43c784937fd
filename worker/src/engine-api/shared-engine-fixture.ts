import { afterAll, afterEach, beforeAll, expect } from "vitest";
import { TestMachine } from "../session/test-machine.ts";
import { type EngineOptions, TestEngine } from "./engine-fixture.ts";

export interface SharedEngine {
  machine: TestMachine;
  /** Of one session, whose own image is also called busybox. */
  engine: TestEngine;
}

/** One session for all tests of a file; after the last one nothing of it may be left. */
export function sharedEngine(options: EngineOptions = {}): SharedEngine {
  const shared = {} as SharedEngine;
  beforeAll(async () => {
    shared.machine = await TestMachine.make();
    shared.engine = await TestEngine.launch(shared.machine, options);
    await shared.engine.docker(["tag", "playground", "busybox"]);
  });
  afterAll(async () => {
    await shared.engine.end();
    expect(await shared.machine.leftOvers()).toEqual([]);
    await shared.machine.dispose();
  });
  return shared;
}

/** Removes what containers a test has left to the next one. */
export function withoutContainersAfterEach(shared: SharedEngine): void {
  afterEach(async () => {
    const { containers } = shared.engine.host;
    for (const container of containers.list()) await containers.remove(container, { force: true });
  });
}
