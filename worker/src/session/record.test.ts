import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { newPlace } from "./place.ts";
import { SessionRecords, sessionRecordSchema } from "./record.ts";

const record = sessionRecordSchema.parse({
  request: {
    sessionId: "ssssssss",
    image: `sha256:${"a".repeat(64)}`,
    limits: { memoryBytes: 1, cpus: 1, pids: 1, diskBytes: 1, openFiles: 1 },
    egress: "none",
    expiresAt: 1,
    start: "command",
    terminals: { main: "tttttttt", shell: "uuuuuuuu" },
    size: { rows: 24, cols: 80 },
  },
  slot: 3,
  report: { sessionId: "ssssssss", revision: 0, state: "starting", terminals: [], ports: [], end: null },
  args: [],
  begunAt: 1,
  endedAt: null,
});
let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "slipway-records-"));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

test("a record is found again by the next worker process", async () => {
  await (await SessionRecords.open(directory)).write(record);
  const again = await SessionRecords.open(directory);
  expect(await again.readAll(() => expect.unreachable())).toEqual([record]);
});

test("a kill in the middle of a write leaves the earlier record", async () => {
  const records = await SessionRecords.open(directory);
  await records.write(record);
  await writeFile(path.join(directory, "ssssssss.json.7.partial"), '{"requ');
  const again = await SessionRecords.open(directory);
  expect(await again.readAll(() => expect.unreachable())).toEqual([record]);
  expect(await readdir(directory)).toEqual(["ssssssss.json"]);
});

test("an unreadable record is reported and removed", async () => {
  const records = await SessionRecords.open(directory);
  await writeFile(path.join(directory, "broken.json"), "{}");
  const reported: string[] = [];
  expect(await records.readAll((file) => reported.push(path.basename(file)))).toEqual([]);
  expect(reported).toEqual(["broken.json"]);
  expect(await readdir(directory)).toEqual([]);
});

test("a record of before places had names of their own is that of a session under its own name", async () => {
  expect(record.place).toEqual({
    name: "ssssssss",
    container: "ssssssss-main",
    hostname: "ssssssss",
    main: "tttttttt",
  });
  const place = newPlace();
  expect(sessionRecordSchema.parse({ ...record, place }).place).toEqual(place);
});

test("places have a short id as Docker gives it, which is the host name, and no two are the same", () => {
  const places = Array.from({ length: 100 }, newPlace);
  for (const { hostname, container } of places) expect([hostname, container]).toEqual([hostname, hostname]);
  for (const { hostname } of places) expect(hostname).toMatch(/^[0-9a-f]{12}$/);
  expect(new Set(places.map(({ name }) => name)).size).toBe(100);
});
