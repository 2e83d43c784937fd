import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { Consoles } from "./conformance-consoles.ts";
import type { RuntimeHarness } from "./conformance-harness.ts";

/** Guarantees of `Runtime.create` and of a Container. */
export function containerConformance(harness: RuntimeHarness): void {
  const consoles = new Consoles(harness);
  afterEach(() => consoles.close());

  describe("create", () => {
    test("a container takes signals and is removed with all that runs in it", async () => {
      const made = await consoles.run(["sleep", "100"]);
      const pid = await made.pid();
      if (harness.traits.linuxProc)
        await expect.poll(async () => await readFile(`/proc/${pid}/comm`, "utf8")).toBe("sleep\n");
      expect(await harness.runtime.list()).toEqual([made.id]);
      expect(await made.outOfMemory()).toBe(false);
      await made.kill("SIGKILL");
      await expect.poll(async () => await made.pid()).toBeNull();
      await made.kill("SIGTERM");
      await made.remove();
      await made.remove();
      expect(await harness.runtime.adopt(made.id)).toBeNull();
      await harness.expectNothingLeft();
    });

    test("one that was never started, or still runs, is removed as well", async () => {
      const made = await harness.runtime.create(harness.spec(["true"]));
      expect(await made.pid()).toBeNull();
      await made.remove();
      await harness.expectNothingLeft();
      const running = await consoles.run(["sh", "-c", "sleep 100 & sleep 100"]);
      await running.remove();
      await harness.expectNothingLeft();
    });

    test("more processes start in it behind the same walls, and the host's devices keep their owner", async () => {
      const made = await consoles.run(["sleep", "100"]);
      const { capabilities, linuxProc, filtersLater, namesTerminals } = harness.traits;
      const script =
        "grep -E 'Seccomp:|CapEff|NoNew' /proc/self/status > /seen; test -t 0 && echo terminal >> /seen; tty >> /seen;" +
        " readlink /proc/1/ns/pid >> /seen; readlink /proc/self/ns/pid >> /seen; echo end >> /seen";
      const files = consoles.files("second");
      const { process } = harness.spec(["sh", "-c", script]);
      await consoles.start("second", await made.execCommand(process, files));
      const seen = async () => await readFile(path.join(harness.upper, "seen"), "utf8").catch(() => "");
      await expect.poll(seen).toContain("end\n");
      const lines = (await seen()).replaceAll("\t", "").split("\n");
      const privileges = linuxProc ? ["NoNewPrivs:1"] : [];
      expect(lines.splice(0, 2 + privileges.length)).toEqual([
        `CapEff:${capabilities}`,
        ...privileges,
        `Seccomp:${filtersLater ? 2 : 0}`,
      ]);
      const [terminal, tty, first, own] = lines;
      expect(terminal).toBe("terminal");
      expect(tty).toContain(namesTerminals ? "/dev/pts/" : "not a tty");
      if (linuxProc) expect(own).toBe(first);
      expect(Number(await readFile(files.pidFile, "utf8"))).toBeGreaterThan(1);
      expect(await stat("/dev/null")).toMatchObject({ uid: 0, gid: 0 });
    });

    test("an out-of-memory kill is noticed", async () => {
      const script = "dd if=/dev/zero of=/dev/null bs=200M count=1; sleep 100";
      const made = await consoles.run(["sh", "-c", script]);
      await expect.poll(async () => await made.outOfMemory(), { timeout: 10_000 }).toBe(true);
      if (!harness.traits.limitsEndOne) await expect.poll(() => made.pid()).toBeNull();
    });

    test("a bundle that a kill left half made can be found and removed", async () => {
      const { id } = harness.spec([]);
      await mkdir(path.join(harness.home, "containers", id));
      await writeFile(path.join(harness.home, "containers", id, "config.json"), "");
      expect(await harness.runtime.list()).toContain(id);
      const half = await harness.runtime.adopt(id);
      expect(await half?.pid()).toBeNull();
      await half?.remove();
      await harness.expectNothingLeft();
    });

    test("what can't be created leaves nothing", async () => {
      const spec = harness.spec(["true"]);
      const rootfs = { ...spec.rootfs, lowers: ["/no/such/layer"] };
      await expect(harness.runtime.create({ ...spec, rootfs })).rejects.toMatchObject({ code: "ENOENT" });
      await harness.expectNothingLeft();
    });
  });
}
