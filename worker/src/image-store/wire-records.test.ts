import { mkdtemp, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { digestOf } from "../content/digest.ts";
import { WireRecords } from "./wire-records.ts";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "slipway-wire-"));
});
afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

const [diffId, wire] = [digestOf("layer"), digestOf("compressed")];

test("a layer and its compressed form are found from both sides, also by the next worker", async () => {
  await (await WireRecords.open(directory)).setCompressed(diffId, { digest: wire, sizeBytes: 5 });
  const again = await WireRecords.open(directory);
  expect(await again.compressed(diffId)).toEqual({ digest: wire, sizeBytes: 5 });
  expect(await again.layerOf(wire)).toBe(diffId);
  expect(await again.layerOf(diffId)).toBeNull();
});

test("the last repositories of a registry are remembered, and no more than a few", async () => {
  const records = await WireRecords.open(directory);
  for (const name of ["a", "b", "c", "d", "e", "c"]) await records.addRepository("r.example", wire, name);
  expect(await records.repositories("r.example", wire)).toEqual(["c", "e", "d", "b"]);
  expect(await records.repositories("other.example", wire)).toEqual([]);
});

test("a record that was broken counts for nothing", async () => {
  const records = await WireRecords.open(directory);
  await records.setCompressed(diffId, { digest: wire, sizeBytes: 5 });
  for (const name of await readdir(directory)) await writeFile(path.join(directory, name), '{"digest":');
  expect(await records.compressed(diffId)).toBeNull();
  expect(await records.layerOf(wire)).toBeNull();
});

test("records that nobody used for longest go first", async () => {
  const records = await WireRecords.open(directory);
  for (const name of ["a", "b", "c"]) await records.addRepository("r.example", digestOf(name), name);
  const then = new Date(Date.now() - 60_000);
  for (const name of await readdir(directory)) await utimes(path.join(directory, name), then, then);
  await records.repositories("r.example", digestOf("b"));
  const again = await WireRecords.open(directory, 1);
  expect(await again.repositories("r.example", digestOf("b"))).toEqual(["b"]);
  expect(await again.repositories("r.example", digestOf("a"))).toEqual([]);
});
