import { readdir, stat } from "node:fs/promises";
import path from "node:path";
import { describe, expect, test } from "vitest";
import type { RuntimeHarness } from "./conformance-harness.ts";

/** Guarantees of `Runtime.run`. */
export function runConformance(harness: RuntimeHarness): void {
  describe("run", () => {
    test("streams stdout and stderr apart and returns the exit code", async () => {
      const outcome = await harness.shell("echo out; echo err >&2; exit 7");
      expect(outcome).toEqual({ code: 7, stdout: "out\n", stderr: "err\n" });
      await harness.expectNothingLeft();
    });

    test("a process that ends at once is waited for as well", async () => {
      for (let round = 0; round < 5; round += 1) expect((await harness.shell("exit 3")).code).toBe(3);
    });

    test("a signal is 128 and its number", async () => {
      expect((await harness.shell("sh -c 'kill -9 $$'; exit $?")).code).toBe(137);
    });

    test("output comes whole and in order", async () => {
      const { stdout } = await harness.shell(
        "i=0; while [ $i -lt 20000 ]; do echo line $i; i=$((i+1)); done",
      );
      expect(stdout.split("\n")).toHaveLength(20_001);
      expect(stdout.endsWith("line 19999\n")).toBe(true);
    });

    test("stdout can be opened by name, and stdin is at its end", async () => {
      const outcome = await harness.shell("cat; echo named > /dev/stdout; echo two > /dev/stderr");
      expect(outcome).toEqual({ code: 0, stdout: "named\n", stderr: "two\n" });
    });

    test("a missing program is told apart", async () => {
      const missing = harness.run(harness.spec(["/no/such/program"]));
      await expect(missing).rejects.toMatchObject({ code: "command-not-found" });
      await harness.expectNothingLeft();
    });

    test("the host's devices keep their owner", async () => {
      await harness.shell("chmod 600 /dev/null; chown 0 /dev/null; true");
      expect(await stat("/dev/null")).toMatchObject({ uid: 0, gid: 0, mode: 0o20666 });
    });

    test("mount points that the image lacks don't become part of the layer", async () => {
      await harness.shell("mkdir /made");
      expect(await readdir(harness.upper)).toEqual(["etc", "made"]);
      expect(await readdir(path.join(harness.upper, "etc"))).toEqual([]);
    });
  });

  describe("aborting", () => {
    test("kills everything and leaves nothing", async () => {
      const abort = new AbortController();
      const running = harness.run(harness.spec(["sh", "-c", "sleep 100 & sleep 100"]), abort.signal);
      await expect.poll(async () => (await harness.pids()).length).toBeGreaterThan(1);
      abort.abort(new Error("enough"));
      await expect(running).rejects.toThrow("enough");
      await harness.expectNothingLeft();
    });

    test.each([0, 5, 15, 30, 60, 90])(
      "after %i ms, while the runtime may still start, leaves nothing",
      async (ms) => {
        const running = harness.run(harness.spec(["sleep", "100"]), AbortSignal.timeout(ms));
        await expect(running).rejects.toThrow();
        await harness.expectNothingLeft();
      },
    );
  });
}
