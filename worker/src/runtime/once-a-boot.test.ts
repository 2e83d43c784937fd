import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { onceABoot } from "./once-a-boot.ts";

let directory = "";
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "slipway-once-"));
});
afterEach(() => rm(directory, { recursive: true }));

test("what has come through is not done again, but for another subject, and what failed is", async () => {
  const file = path.join(directory, "run/tried");
  const done: string[] = [];
  const doing = (subject: string, fails = false) =>
    onceABoot(file, subject, async () => {
      done.push(subject);
      if (fails) throw new Error("it can't");
    });
  await doing("crun 1");
  await doing("crun 1");
  await doing("crun 2");
  await expect(doing("crun 3", true)).rejects.toThrow("it can't");
  await doing("crun 3");
  await doing("crun 3");
  expect(done).toEqual(["crun 1", "crun 2", "crun 3", "crun 3"]);
});
