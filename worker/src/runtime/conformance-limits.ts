import { mkdir } from "node:fs/promises";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { LoopDisks } from "../disk/loop-disks.ts";
import type { RuntimeHarness } from "./conformance-harness.ts";

const MIB = 1024 * 1024;

export function limitsConformance(harness: RuntimeHarness): void {
  describe("limits", () => {
    test("memory beyond the limit kills the process and not the container, or all of it", async () => {
      const outcome = await harness.shell("dd if=/dev/zero of=/dev/null bs=200M count=1; echo code $?");
      const one = { code: 0, stdout: "code 137\n" };
      expect(outcome).toMatchObject(harness.traits.limitsEndOne ? one : { code: 137, stdout: "" });
      await harness.expectNothingLeft();
    });

    test("a fork bomb ends at the limit", async () => {
      const outcome = await harness.shell("for i in $(seq 200); do sleep 3 & done; echo ended");
      if (harness.traits.limitsEndOne) expect(`${outcome.stdout}${outcome.stderr}`).toMatch(/fork|Resource/i);
      else expect(outcome).toMatchObject({ code: 2, stdout: "" });
      await harness.expectNothingLeft();
    });

    test("open files are limited", async () => {
      expect((await harness.shell("ulimit -n; ulimit -Hn")).stdout).toBe("256\n256\n");
    });

    test("other limits of processes are the container's own, whatever root of the machine has, and never above its", async () => {
      const { stdout } = await harness.shell(
        "ulimit -c; ulimit -Hc; ulimit -n; ulimit -Hn; ulimit -Hs; ulimit -u; ulimit -Hu; ulimit -Hr",
        {
          processLimits: [
            { name: "core", soft: 0, hard: 4 * 512 },
            { name: "nofile", soft: 100, hard: 1_000_000 },
            { name: "stack", soft: 8 * MIB, hard: Number.POSITIVE_INFINITY },
            { name: "nproc", soft: 6, hard: 7 },
            { name: "rtprio", soft: 50, hard: 50 },
          ],
        },
      );
      expect(stdout).toBe("0\n4\n100\n256\nunlimited\n6\n7\n0\n");
    });

    test("the control groups are seen read-only", async () => {
      const { stdout } = await harness.shell(
        "cd /sys/fs/cgroup; for f in memory/memory.limit_in_bytes memory.max pids/release_agent cgroup.procs;" +
          " do [ -e $f ] && echo 1 > $f && echo written; done; mkdir x memory/x && echo made; true",
      );
      expect(stdout).not.toMatch(/written/);
      expect(stdout).not.toMatch(/made/);
    });

    test("a full disk is ENOSPC inside and nothing outside", async () => {
      const disks = await LoopDisks.open(path.join(harness.home, "disks"));
      const disk = await disks.create("full", 16 * MIB);
      try {
        for (const name of ["upper", "work"]) await mkdir(path.join(disk.directory, name), { mode: 0o755 });
        const { lowers } = harness.spec([]).rootfs;
        const rootfs = {
          lowers,
          upper: path.join(disk.directory, "upper"),
          work: path.join(disk.directory, "work"),
        };
        const outcome = await harness.shell("dd if=/dev/zero of=/big bs=1M; echo code $?; df / | tail -1", {
          rootfs,
        });
        expect(outcome.stderr).toContain("No space left on device");
        expect(outcome.stdout).toContain("code 1");
      } finally {
        await disks.remove("full");
      }
    });
  });
}
