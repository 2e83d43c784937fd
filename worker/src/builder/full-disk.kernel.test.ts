import { readdir, statfs } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { buildContext, dockerfile, fixtureWithBusybox } from "./builder-fixture.ts";

const MIB = 1024 ** 2;

test("a RUN that eats the worker's disk is ended before it is full, and what it wrote is gone", async () => {
  const { bavail, bsize } = await statfs(tmpdir());
  const fixture = await fixtureWithBusybox({ reservedBytes: bavail * bsize - 256 * MIB });
  try {
    const events = await buildContext(fixture, [
      dockerfile("FROM busybox\nRUN dd if=/dev/zero of=/big bs=1M count=2048; sleep 30\n"),
    ]);
    expect(events.at(-1)).toMatchObject({ type: "failed", error: { code: "disk-full", fault: "platform" } });
    expect(await readdir(path.join(fixture.root, "snapshots/active"))).toEqual([]);
    expect(await fixture.runtime.list()).toEqual([]);
  } finally {
    await fixture.close();
  }
});
