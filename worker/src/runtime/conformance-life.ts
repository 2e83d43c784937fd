import { readFile, stat } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, test } from "vitest";
import { Consoles } from "./conformance-consoles.ts";
import { type RuntimeHarness, TEST_IDS } from "./conformance-harness.ts";

/** A container that waits, and one that is paused. */
export function lifeConformance(harness: RuntimeHarness): void {
  const consoles = new Consoles(harness);
  afterEach(() => consoles.close());

  describe("life", () => {
    test("a main process waits behind its walls until it is started, and only once", async () => {
      const made = await consoles.create(["sh", "-c", "echo ran > /ran; sleep 100"]);
      const ran = path.join(harness.upper, "ran");
      const pid = await made.pid();
      expect(pid).toBe(Number(await readFile(consoles.files("main").pidFile, "utf8")));
      expect(await readFile(`/proc/${pid}/uid_map`, "utf8")).toContain(String(TEST_IDS.firstHostId));
      await expect(stat(ran)).rejects.toMatchObject({ code: "ENOENT" });
      const adopted = await harness.runtime.adopt(made.id);
      await adopted?.start();
      await expect.poll(() => readFile(ran, "utf8").catch(() => "")).toBe("ran\n");
      expect(await made.pid()).toBe(pid);
      await expect(made.start()).rejects.toMatchObject({ code: "runtime-failed" });
      await made.remove();
      await harness.expectNothingLeft();
    });

    test("one that waits is removed as well, and can't be started afterwards", async () => {
      const made = await consoles.create(["sleep", "100"]);
      await made.remove();
      await harness.expectNothingLeft();
      await expect(made.start()).rejects.toMatchObject({ code: "runtime-failed" });
    });

    test("pausing stops all its processes, resuming lets them go on, both as often as one likes", async () => {
      const made = await consoles.run(["sh", "-c", "while :; do echo x >> /ticks; sleep 0.01; done"]);
      const ticks = async () =>
        (await stat(path.join(harness.upper, "ticks")).catch(() => ({ size: 0 }))).size;
      await expect.poll(ticks).toBeGreaterThan(0);
      await made.pause();
      await made.pause();
      const before = await ticks();
      await sleep(200);
      expect(await ticks()).toBe(before);
      await made.resume();
      await made.resume();
      await expect.poll(ticks).toBeGreaterThan(before);
      await made.pause();
      await made.remove();
      await harness.expectNothingLeft();
      await expect(made.pause()).rejects.toMatchObject({ code: "runtime-failed" });
    });

    test("without limits of its own it stands under those of the group above", async () => {
      const script = "cat /dev/zero | tail -c 300m > /dev/null; echo code $? > /seen; sleep 100";
      const made = await consoles.run(["sh", "-c", script], { limits: { openFiles: 256 } });
      const seen = () => readFile(path.join(harness.upper, "seen"), "utf8").catch(() => "");
      await expect.poll(() => made.outOfMemory(), { timeout: 20_000 }).toBe(true);
      if (harness.traits.limitsEndOne) await expect.poll(seen).toBe("code 137\n");
      else await expect.poll(() => made.pid()).toBeNull();
    });
  });
}
