import { rm } from "node:fs/promises";
import type { Digest } from "@slipway/protocol";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ownPool } from "../../network/pool-fixture.ts";
import { ownNumber } from "../../process/test-lane-fixture.ts";
import { SessionRecords } from "../record.ts";
import { screen, type } from "../screen-fixture.ts";
import type { Sessions } from "../session.ts";
import { TestMachine } from "../test-machine.ts";
import { WARM_START_BYTES } from "./prepared-start.ts";

let machine: TestMachine;
let sessions: Sessions;
let image: Digest;
beforeEach(async () => {
  machine = await TestMachine.make();
  image = await machine.image(["sh"]);
});
afterEach(async () => {
  await sessions.endAll();
  await machine.dispose();
});

/** Another machine in the place of the one that a test begins with. */
async function again(options: Parameters<typeof TestMachine.make>[0]): Promise<void> {
  await sessions?.endAll();
  await machine.dispose();
  machine = await TestMachine.make(options);
  image = await machine.image(["sh"]);
}

/** A worker whose pool is full after one launch, which has ended. What is prepared is in `containers`. */
async function warm(size: number, maxSessions = 8): Promise<string[]> {
  sessions = await machine.sessions(size, maxSessions);
  const request = machine.request(image);
  await sessions.launch(request);
  await machine.report(request.sessionId, ({ state }) => state === "running");
  await sessions.stop(request.sessionId);
  return await prepared(size);
}

/** Waits until so many are prepared, and tells those of which a container waits. */
async function prepared(count: number): Promise<string[]> {
  await machine.until(`${count} starts are prepared`, () => sessions.prepared === count);
  return await machine.parts.runtime.list();
}

const place = async (id: string) => {
  const records = await SessionRecords.open(`${machine.directory}/sessions`);
  const found = (await records.readAll(() => {})).find(({ request }) => request.sessionId === id);
  if (!found) throw new Error("no such record");
  return found.place;
};

async function launched(changes: Parameters<TestMachine["request"]>[1] = {}) {
  const request = machine.request(image, changes);
  await sessions.launch(request);
  const terminal = await sessions.awaitTerminal(request.sessionId, request.terminals.main);
  return { request, terminal, place: await place(request.sessionId) };
}

test("a launch takes a start that is prepared, under its own limits and in its own size", async () => {
  const ready = await warm(2);
  const limits = { ...machine.request(image).limits, memoryBytes: 48 * 1024 ** 2, pids: 23 };
  const { terminal, place } = await launched({ limits, size: { rows: 40, cols: 132 } });
  expect(ready).toContain(place.container);
  await type(terminal, "stty size; hostname", new RegExp(`40 132\\r\\n${place.hostname}\\r\\n`));
  const { parts } = machine;
  expect((await parts.cgroups.usage(parts.cgroups.path(place.name))).pids).toBeGreaterThan(0);
  // More than the limits of a start that waits, and no more than those of the session.
  await type(terminal, "head -c 40m /dev/zero | tail | wc -c", /41943040/);
  await type(terminal, "head -c 60m /dev/zero | tail | wc -c; echo over-$((1+1))", /over-2/);
  expect(await parts.cgroups.oomKills(parts.cgroups.path(place.name))).toBe(1);
});

test("launches at the same time get a start each", async () => {
  const ready = await warm(4);
  const all = await Promise.all([launched(), launched(), launched(), launched(), launched()]);
  expect(new Set(all.map(({ place }) => place.container)).size).toBe(5);
  expect(all.filter(({ place }) => ready.includes(place.container))).toHaveLength(3);
  for (const { terminal, place } of all) await type(terminal, "hostname", new RegExp(place.hostname));
});

test("an image that was just built is prepared, in the place of another", async () => {
  await warm(2);
  const other = await machine.image(["sh", "-c", "echo built; exec sh"]);
  sessions.expectLaunch(other);
  const request = machine.request(other);
  await machine.until("the other one is gone", () => sessions.prepared < 2);
  const ready = await prepared(2);
  await sessions.launch(request);
  await screen(await sessions.awaitTerminal(request.sessionId, request.terminals.main), /built/);
  expect(ready).toContain((await place(request.sessionId)).container);
});

test("a prepared start whose process has died costs nothing but time", async () => {
  const [id = ""] = await warm(1);
  const container = await machine.parts.runtime.adopt(id);
  await container?.kill("SIGKILL");
  const { terminal, place } = await launched();
  expect(place.container).not.toBe(id);
  await type(terminal, "echo alive-$((40+2))", /alive-42/);
});

test("a prepared start that can't be started any more costs nothing but time", async () => {
  const [id = ""] = await warm(1);
  // What the runtime knows of it is gone; its process still waits.
  await rm(`${machine.directory}/state/${id}`, { recursive: true });
  const { terminal, request } = await launched();
  await type(terminal, "echo alive-$((40+2))", /alive-42/);
  expect((await place(request.sessionId)).container).not.toBe(id);
  await sessions.stop(request.sessionId);
  await sessions.endAll();
  expect(await machine.leftOvers()).toEqual([]);
});

test("a prepared start whose disk is gone is not used", async () => {
  const [id = ""] = await warm(1);
  await machine.parts.disks.rest(id);
  const { terminal, place } = await launched();
  expect(place.container).not.toBe(id);
  await type(terminal, "echo > /file && echo wrote-$((40+2))", /wrote-42/);
});

test("what waits has a bound on its memory, and takes little of it", async () => {
  const ready = await warm(4);
  const { cgroups } = machine.parts;
  for (const id of ready) {
    const { memoryBytes } = await cgroups.usage(cgroups.path(id));
    expect(memoryBytes).toBeLessThan(WARM_START_BYTES / 4);
  }
});

test("a worker that stops and one that is killed leave no prepared start behind", async () => {
  await warm(2);
  await sessions.release();
  expect(await machine.leftOvers()).toEqual([]);
  sessions = await machine.sessions(2);
  await sessions.recover();
  // It remembers from the records of sessions what is wanted, and is killed once that is there: nobody calls it again.
  await prepared(2);
  const next = await machine.sessions(0);
  const { swept } = await next.recover();
  await swept;
  expect(await machine.leftOvers()).toEqual([]);
});

test("an image that nobody needs stays for a prepared start, and both go when the store needs room", async () => {
  await warm(1);
  const { images, content } = machine.parts;
  await images.collect();
  expect(await content.size(image)).not.toBeNull();
  await again({ storeBytes: 1 });
  await warm(1);
  expect(await machine.parts.images.collect()).toMatchObject({ images: 1, snapshots: 1 });
  expect(sessions.prepared).toBe(0);
  expect(await machine.leftOvers()).toEqual([]);
});

test("a session that needs an address gets it from a prepared start", async () => {
  await again({ pool: await ownPool("", "100.114.0.0/16", 23, ownNumber(128)) });
  await warm(1);
  const { network } = machine.parts;
  const policy = { egress: "none", bytesPerSecond: 1_000_000 } as const;
  for (let number = 0; ; number += 1) {
    try {
      await network.create(`filler${number}`, policy);
    } catch (error) {
      expect(error).toMatchObject({ code: "worker-full" });
      break;
    }
  }
  const { terminal } = await launched({ egress: "internet" });
  await type(terminal, "echo alive-$((40+2))", /alive-42/);
  expect(sessions.prepared).toBe(0);
});
