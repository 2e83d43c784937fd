import { once } from "node:events";
import { tmpdir } from "node:os";
import { expect, test } from "vitest";
import { checkFreeSpace, watchFreeSpace } from "./free-space.ts";

const NEVER_FREE_BYTES = Number.MAX_SAFE_INTEGER;

test("a disk with enough room passes, one without is told as full", async () => {
  await checkFreeSpace(tmpdir(), 1);
  await expect(checkFreeSpace(tmpdir(), NEVER_FREE_BYTES)).rejects.toMatchObject({ code: "disk-full" });
});

test("a watch aborts what fills the disk, with the reason", async () => {
  const watch = watchFreeSpace(tmpdir(), NEVER_FREE_BYTES);
  try {
    if (!watch.signal.aborted) await once(watch.signal, "abort");
    expect(watch.signal.reason).toMatchObject({ code: "disk-full" });
  } finally {
    watch.stop();
  }
});
