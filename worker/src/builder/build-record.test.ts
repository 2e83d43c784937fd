import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { BuildRecord } from "./build-record.ts";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "slipway-record-"));
});
afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

const inputs = (definition: string, files: Record<string, string> | null = null) => ({
  definition,
  files: files && new Map(Object.entries(files)),
});

async function after(base: string, step: ReturnType<typeof inputs>): Promise<BuildRecord> {
  const record = await BuildRecord.open(directory, "playground");
  record.base(0, base);
  record.step(0, 0, step);
  await record.save();
  const next = await BuildRecord.open(directory, "playground");
  next.base(0, "base");
  return next;
}

it("a step that was never there is there for the first time", async () => {
  const record = await BuildRecord.open(directory, "playground");
  expect(record.step(0, 0, inputs("a"))).toEqual({ reason: "first-time" });
});

it.each([
  ["another base", "old", inputs("a"), inputs("a"), { reason: "base-changed" }],
  ["another instruction", "base", inputs("a"), inputs("b"), { reason: "instruction-changed" }],
  [
    "a changed file",
    "base",
    inputs("a", { x: "1", y: "1" }),
    inputs("a", { x: "1", y: "2" }),
    { reason: "file-changed", path: "y" },
  ],
  [
    "a new file",
    "base",
    inputs("a", { x: "1" }),
    inputs("a", { b: "1", x: "1" }),
    { reason: "file-changed", path: "b" },
  ],
  [
    "a removed file",
    "base",
    inputs("a", { x: "1", y: "1" }),
    inputs("a", { x: "1" }),
    { reason: "file-changed", path: "y" },
  ],
  ["nothing but a lost cache", "base", inputs("a"), inputs("a"), { reason: "first-time" }],
])("%s", async (_, base, before, now, miss) => {
  expect((await after(base, before)).step(0, 0, now)).toEqual(miss);
});

it("a record that was torn counts as none", async () => {
  await writeFile(path.join(directory, "playground.json"), '{"bases":');
  const record = await BuildRecord.open(directory, "playground");
  expect(record.step(0, 0, inputs("a"))).toEqual({ reason: "first-time" });
});
