import { mkdtemp, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { digestOf } from "../content/digest.ts";
import { PartialFiles, sizeOf } from "./partial-files.ts";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "slipway-partial-"));
});
afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

const blob = { digest: digestOf("a"), sizeBytes: 1 };

test("what one host sent is not gone on with by another", async () => {
  const files = await PartialFiles.open(directory);
  expect(files.take("one", blob)).not.toBe(files.take("two", blob));
  expect(files.take("one", blob)).toBe(files.take("one", blob));
  expect(await sizeOf(files.take("one", blob))).toBe(0);
});

test("what is too old or too much goes, the oldest first, and never what is being written", async () => {
  const files = await PartialFiles.open(directory);
  const open = files.take("host", blob);
  const minutesAgo = async (file: string, minutes: number) => {
    await writeFile(file, Buffer.alloc(100));
    const then = new Date(Date.now() - minutes * 60_000);
    await utimes(file, then, then);
  };
  await minutesAgo(open, 100_000);
  for (const minutes of [1, 2, 3, 10_000]) await minutesAgo(path.join(directory, `age-${minutes}`), minutes);
  await files.clean(250);
  expect((await readdir(directory)).sort()).toEqual([path.basename(open), "age-1", "age-2"].sort());
  files.close(open);
  await PartialFiles.open(directory);
  expect((await readdir(directory)).sort()).toEqual(["age-1", "age-2"]);
});
