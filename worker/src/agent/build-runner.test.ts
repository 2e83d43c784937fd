import { once } from "node:events";
import { Readable } from "node:stream";
import { type BuildEvent, type BuildId, type BuildRequest, buildRequestSchema } from "@slipway/protocol";
import { pino } from "pino";
import { expect, it } from "vitest";
import type { Builder } from "../builder/builder.ts";
import { BuildRunner, MAX_BUILDS_AT_ONCE } from "./build-runner.ts";

const request = (number: number): BuildRequest =>
  buildRequestSchema.parse({
    buildId: `build${String(number).padStart(6, "0")}`,
    playgroundId: "playground1",
    dockerfile: "Dockerfile",
    noCache: false,
    pull: false,
    target: null,
    buildArgs: {},
    secrets: {},
    sshKeys: {},
    registryCredentials: [],
    limits: { memoryBytes: 1, cpus: 1, pids: 1, diskBytes: 1, timeoutMs: 1000 },
  });

/** A builder whose builds last until they are cancelled: what is tried here is who may begin. */
const patient: Builder = {
  build: async (_request, _context, emit, signal) => {
    if (!signal.aborted) await once(signal, "abort");
    const error = { code: "build-cancelled", fault: "user", message: "", params: {} } as const;
    emit({ type: "failed", error, step: null, exitCode: null, range: null, lastLines: [] });
  },
};

function openRunner(fetchContext = async () => Readable.from([])) {
  const events: [BuildId, BuildEvent][] = [];
  const runner = new BuildRunner({
    builder: patient,
    fetchContext,
    emit: (id, event) => events.push([id, event]),
    log: pino({ level: "silent" }),
  });
  return { runner, events };
}

it("takes a whole room of builds, and no more than its bound", async () => {
  const { runner } = openRunner();
  for (let number = 0; number < MAX_BUILDS_AT_ONCE; number += 1) runner.start(request(number));
  // One that runs already is left alone.
  runner.start(request(0));
  expect(runner.count).toBe(MAX_BUILDS_AT_ONCE);
  expect(() => runner.start(request(MAX_BUILDS_AT_ONCE))).toThrow(
    expect.objectContaining({ code: "worker-full", params: { limit: MAX_BUILDS_AT_ONCE } }),
  );
  await runner.cancelOthers(new Set());
  expect(runner.count).toBe(0);
  runner.start(request(1));
  await runner.cancel(request(1).buildId);
});

it("a context that can't be had is the end of its build, and of no other", async () => {
  const { runner, events } = openRunner(() => Promise.reject(new Error("no way")));
  runner.start(request(1));
  await expect.poll(() => runner.count).toBe(0);
  expect(events).toMatchObject([["build000001", { type: "failed", error: { code: "internal" } }]]);
});
