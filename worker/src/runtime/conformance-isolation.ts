import { readFile, readlink, stat } from "node:fs/promises";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { type RuntimeHarness, TEST_IDS } from "./conformance-harness.ts";

/** Looks at the main process from outside while a container runs. */
async function whileItRuns<T>(harness: RuntimeHarness, look: (pid: number) => Promise<T>): Promise<T> {
  const abort = new AbortController();
  const spec = harness.spec(["sh", "-c", "echo up; sleep 100"]);
  const running = new Promise<void>((resolve, reject) => {
    harness.runtime.run(spec, { stdout: () => resolve(), stderr: () => {} }, abort.signal).catch(reject);
  });
  try {
    await running;
    const pid = await (await harness.runtime.adopt(spec.id))?.pid();
    if (pid == null) throw new Error("A container that runs has no main process.");
    return await look(pid);
  } finally {
    abort.abort();
    await expect.poll(() => harness.runtime.list()).toEqual([]);
  }
}

/** The isolation list, proven from inside of containers and from outside. */
export function isolationConformance(harness: RuntimeHarness): void {
  describe("isolation of processes", () => {
    test("all namespaces are its own, as the host sees them and, where /proc tells, as it does", async () => {
      const seen = await whileItRuns(harness, async (pid) =>
        Promise.all(harness.traits.namespaces.map((kind) => readlink(`/proc/${pid}/ns/${kind}`))),
      );
      const own = await Promise.all(
        harness.traits.namespaces.map((kind) => readlink(`/proc/self/ns/${kind}`)),
      );
      expect(seen.filter((namespace) => own.includes(namespace))).toEqual([]);
      if (!harness.traits.linuxProc) return;
      const { stdout } = await harness.shell("cd /proc/self/ns; for n in *; do readlink $n; done");
      for (const kind of ["pid", "mnt", "ipc", "uts", "net", "cgroup", "user"]) {
        expect(stdout).toContain(`${kind}:[`);
        expect(stdout).not.toContain(await readlink(`/proc/self/ns/${kind}`));
      }
    });

    test("capabilities are Docker's default set, no_new_privs and a seccomp filter are on", async () => {
      const { capabilities, linuxProc } = harness.traits;
      const { stdout } = await harness.shell("grep -E '^(Cap|NoNewPrivs|Seccomp:)' /proc/self/status");
      expect(stdout.replaceAll("\t", "").trim().split("\n")).toEqual([
        "CapInh:0000000000000000",
        `CapPrm:${capabilities}`,
        `CapEff:${capabilities}`,
        `CapBnd:${capabilities}`,
        ...(linuxProc ? ["CapAmb:0000000000000000", "NoNewPrivs:1"] : []),
        "Seccomp:2",
      ]);
    });

    test("another user has no capabilities at all", async () => {
      const spec = harness.spec(["sh", "-c", "id; grep CapEff /proc/self/status"]);
      const user = { uid: 1000, gid: 1000, additionalGids: [50] };
      const { stdout } = await harness.run({ ...spec, process: { ...spec.process, user } });
      expect(stdout).toContain("uid=1000(user) gid=1000(user) groups=50");
      expect(stdout).toContain("0000000000000000");
    });

    test("its ids are those of its range", async () => {
      const ids = await whileItRuns(harness, async (pid) =>
        [...(await readFile(`/proc/${pid}/status`, "utf8")).matchAll(/^[UG]id:(.*)$/gm)].flatMap(
          ([, line = ""]) => line.trim().split("\t").map(Number),
        ),
      );
      expect(new Set(ids)).toEqual(new Set([TEST_IDS.firstHostId]));
      if (!harness.traits.linuxProc) return;
      const { stdout } = await harness.shell("cat /proc/self/uid_map /proc/self/gid_map");
      const maps = stdout.trim().split("\n");
      const range = [0, TEST_IDS.firstHostId, TEST_IDS.size];
      expect(maps.map((line) => line.trim().split(/\s+/).map(Number))).toEqual([range, range]);
    });

    test("mounting, making devices, renaming the host and swap are refused", async () => {
      const { stdout } = await harness.shell(
        "mount -t tmpfs t /tmp && echo mounted; mknod /disk b 254 0 && echo made;" +
          " chroot / true && echo chroot-works; hostname other && echo renamed; swapoff -a && echo swapoff; true",
      );
      expect(stdout.trim()).toBe("chroot-works");
    });
  });

  fileIsolation(harness);
}

function fileIsolation(harness: RuntimeHarness): void {
  describe("isolation of files", () => {
    test("what its root writes belongs to root on disk, what others write to them", async () => {
      await harness.shell("echo x > /by-root; touch /by-user; chown 1000:50 /by-user; rm /etc/passwd");
      expect(await stat(path.join(harness.upper, "by-root"))).toMatchObject({ uid: 0, gid: 0 });
      expect(await stat(path.join(harness.upper, "by-user"))).toMatchObject({ uid: 1000, gid: 50 });
      const whiteout = await stat(path.join(harness.upper, "etc/passwd"));
      expect(whiteout.isCharacterDevice()).toBe(true);
      expect(whiteout.rdev).toBe(0);
    });

    test("dangerous files of proc and sys are masked or read-only", async () => {
      const { stdout, stderr } = await harness.shell(
        "cat /proc/kcore /proc/keys /proc/timer_list 2>/dev/null | wc -c; ls /sys/firmware | wc -l;" +
          " for f in /proc/sys/kernel/domainname /proc/sys/kernel/core_pattern /proc/sysrq-trigger /sys/x;" +
          " do (echo b > $f) && echo written $f; done; true",
      );
      expect(stdout.trim().split(/\s+/)).toEqual(["0", "0"]);
      expect(stderr.trim().split("\n")).toHaveLength(4);
    });

    test("no path of the host but those of its three files is visible", async () => {
      const { stdout } = await harness.shell("cat /proc/self/mountinfo /proc/self/cgroup");
      const lines = stdout.split("\n").filter((line) => line.includes(harness.group));
      const points = lines.map((line) => line.split(" ")[4]).sort();
      const files = ["/etc/hostname", "/etc/hosts", "/etc/resolv.conf"];
      expect(points).toEqual(harness.traits.linuxProc ? files : []);
      expect(stdout).not.toContain("slipway-test-rootfs");
      expect(stdout).not.toContain("disk/upper");
    });

    test("hostname, hosts and resolv.conf are those given", async () => {
      const { stdout } = await harness.shell("hostname; cat /etc/hostname /etc/hosts /etc/resolv.conf");
      expect(stdout).toBe("box\nbox\n127.0.0.1 localhost\nnameserver 192.0.2.1\n");
    });

    test("devices are Docker's, shm holds 64 MB", async () => {
      const { stdout } = await harness.shell("ls /dev; df -m /dev/shm | tail -1");
      const found = stdout.split("\n").slice(0, -2);
      // crun adds a link to the masked /proc/kcore, runc does not.
      expect(found.filter((name) => name !== "core").sort()).toEqual(harness.traits.devices);
      expect(stdout).toMatch(/(shm|none)\s+64\s/);
    });
  });
}
