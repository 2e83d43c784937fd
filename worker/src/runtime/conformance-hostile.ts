import { createHash } from "node:crypto";
import { mkdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Consoles } from "./conformance-consoles.ts";
import { execute, type Outcome, type RuntimeHarness } from "./conformance-harness.ts";
import { hostileLayer } from "./hostile-layer.ts";
import type { Container, ContainerSpec } from "./runtime.ts";
import { testRootfs } from "./test-rootfs.ts";

/** What an attack may not change on this machine. */
const SYSCTLS = ["kernel/core_pattern", "kernel/modprobe", "kernel/domainname", "kernel/hostname"];

/** A container that lives beside the attacked one, with a disk of its own. */
class Neighbour {
  readonly #harness: RuntimeHarness;
  #container: Container | null = null;

  constructor(harness: RuntimeHarness) {
    this.#harness = harness;
  }

  get #disk(): string {
    return path.join(this.#harness.home, "disk/neighbour");
  }

  async start(consoles: Consoles): Promise<void> {
    for (const name of ["upper", "work"]) await mkdir(path.join(this.#disk, name), { recursive: true });
    const rootfs = {
      lowers: [testRootfs()],
      upper: path.join(this.#disk, "upper"),
      work: path.join(this.#disk, "work"),
    };
    const spec = this.#harness.spec(["sh", "-c", "while :; do echo x >> /ticks; sleep 0.05; done"], {
      rootfs,
    });
    this.#container = await this.#harness.runtime.create({ ...spec, id: `${spec.id}-neighbour` });
    const files = consoles.files("neighbour-console");
    await consoles.start("neighbour-console", this.#container.runCommand(files));
    await this.expectAlive();
  }

  async pid(): Promise<number> {
    return (await this.#container?.pid()) ?? Number.NaN;
  }

  /** It goes on with its work. */
  async expectAlive(): Promise<void> {
    const ticks = async () =>
      (await stat(path.join(this.#disk, "upper/ticks")).catch(() => ({ size: 0 }))).size;
    const before = await ticks();
    await expect.poll(ticks, { timeout: 10_000 }).toBeGreaterThan(before);
  }

  async remove(): Promise<void> {
    await this.#container?.remove();
  }
}

const fingerprint = async (file: string) =>
  createHash("sha256")
    .update(await readFile(file))
    .digest("hex");

async function machine(): Promise<string[]> {
  const values = SYSCTLS.map((name) => readFile(`/proc/sys/${name}`, "utf8").catch(() => "none"));
  return [hostname(), ...(await Promise.all(values))];
}

/** Attacks from inside: each is really tried, and after each the neighbour lives and nothing is left. */
export function hostileConformance(harness: RuntimeHarness): void {
  const consoles = new Consoles(harness);
  const neighbour = new Neighbour(harness);
  let before: string[];
  beforeEach(async () => {
    before = await machine();
    await neighbour.start(consoles);
  });
  afterEach(() => consoles.close());

  const hostileSpec = (args: readonly string[], changes: Partial<ContainerSpec> = {}): ContainerSpec => {
    const spec = harness.spec(args);
    return { ...spec, rootfs: { ...spec.rootfs, lowers: [hostileLayer(), testRootfs()] }, ...changes };
  };
  const attack = (args: readonly string[]): Promise<Outcome> =>
    harness.run(hostileSpec(["/attack", ...args]));

  async function expectUnharmed(): Promise<void> {
    await neighbour.expectAlive();
    expect(await machine()).toEqual(before);
    await neighbour.remove();
    await harness.expectNothingLeft();
  }

  describe("attacks", () => {
    test.each(["mknod", "mount", "unshare", "kernel", "sysctl", "cgroup"])("%s is refused", async (kind) => {
      const { code, stdout } = await attack([kind]);
      expect(stdout).not.toContain("BROKE");
      expect(stdout).toMatch(/^refused /);
      expect(stdout).toMatch(/done\n$/);
      expect(code).toBe(0);
      await expectUnharmed();
    });

    test("a neighbour can't be traced, read or killed", async () => {
      const pid = await neighbour.pid();
      const { stdout } = await attack(["neighbour", String(pid), String(process.pid)]);
      expect(stdout).not.toContain("BROKE");
      expect(stdout.match(/^refused /gm)).toHaveLength(14);
      await expectUnharmed();
    });

    exeAttack(harness, consoles, hostileSpec, expectUnharmed);
    descriptorAttacks(harness, consoles, hostileSpec, expectUnharmed);
    imageAttacks(harness, hostileSpec, expectUnharmed);
  });
}

type HostileSpec = (args: readonly string[], changes?: Partial<ContainerSpec>) => ContainerSpec;

function exeAttack(
  harness: RuntimeHarness,
  consoles: Consoles,
  hostileSpec: HostileSpec,
  expectUnharmed: () => Promise<void>,
): void {
  test("the runtime's own program can't be overwritten by who it starts (CVE-2019-5736)", async () => {
    const { stdout } = await execute("which", [harness.runtime.name]);
    const program = stdout.trim();
    const whole = await fingerprint(program);
    // As main process: the runtime is asked to run itself.
    await harness.run(hostileSpec(["/trap"])).catch(() => {});
    const made = await harness.runtime.create(hostileSpec(["sh", "-c", "/attack exe 2 > /seen; sleep 100"]));
    await consoles.start("main", made.runCommand(consoles.files("main")));
    const spec = hostileSpec(["/trap"]);
    for (let round = 0; round < 8; round += 1) {
      const files = consoles.files(`exec-${round}`);
      await consoles.begin(`exec-${round}`, await made.execCommand(spec.process, files));
    }
    const seen = () => readFile(path.join(harness.upper, "seen"), "utf8").catch(() => "");
    await expect.poll(seen, { timeout: 30_000 }).toContain("done\n");
    expect(await seen()).toContain("refused exe");
    expect(await fingerprint(program)).toBe(whole);
    await made.remove();
    expect((await harness.shell("echo still")).stdout).toBe("still\n");
    await expectUnharmed();
  });
}

function descriptorAttacks(
  harness: RuntimeHarness,
  consoles: Consoles,
  hostileSpec: HostileSpec,
  expectUnharmed: () => Promise<void>,
): void {
  const marker = () => path.join(harness.home, "disk/marker");
  const look = (name: string) => ["sh", "-c", `/attack descriptors ${marker()} > /${name}; sleep 100`];
  const seen = (name: string) => readFile(path.join(harness.upper, name), "utf8").catch(() => "");
  beforeEach(() => writeFile(marker(), "of the host", { mode: 0o644 }));

  test("no descriptor of the worker or the runtime comes in, for run, create and exec", async () => {
    const { stdout } = await harness.run(hostileSpec(["/attack", "descriptors", marker()]));
    expect(stdout).not.toContain("BROKE");
    expect(stdout).toContain("done");
    const made = await harness.runtime.create(hostileSpec(look("main")));
    await consoles.start("main", made.createCommand(consoles.files("main")));
    await made.start();
    const { process } = hostileSpec(look("second"));
    await consoles.start("second", await made.execCommand(process, consoles.files("second")));
    for (const name of ["main", "second"]) {
      await expect.poll(() => seen(name), { timeout: 10_000 }).toContain("done\n");
      expect(await seen(name)).not.toContain("BROKE");
    }
    await made.remove();
    await expectUnharmed();
  });

  test.each([
    [3, 4, 5],
    [6, 7, 8],
    [9, 10, 11],
  ])(
    "a working directory of /proc/self/fd/%i, %i or %i leads nowhere (CVE-2024-21626)",
    async (...descriptors) => {
      const made = await harness.runtime.create(hostileSpec(["sleep", "100"]));
      await consoles.start("main", made.runCommand(consoles.files("main")));
      for (const descriptor of descriptors) {
        const cwd = `/proc/self/fd/${descriptor}`;
        // One that exists neither in the container nor of the runtime's own is a failure, which is as good.
        const { process } = hostileSpec(look("seen"));
        const name = `exec-${descriptor}`;
        await consoles.begin(name, await made.execCommand({ ...process, cwd }, consoles.files(name)));
      }
      await made.remove();
      for (const descriptor of descriptors) {
        const spec = hostileSpec(["/attack", "descriptors", marker()]);
        const process = { ...spec.process, cwd: `/proc/self/fd/${descriptor}` };
        const outcome = await harness.run({ ...spec, process }).catch(() => null);
        expect(outcome?.stdout ?? "").not.toContain("BROKE");
      }
      expect(await seen("seen")).not.toContain("BROKE");
      await expectUnharmed();
    },
  );
}

function imageAttacks(
  harness: RuntimeHarness,
  hostileSpec: HostileSpec,
  expectUnharmed: () => Promise<void>,
): void {
  test.each(["proc", "dev", "sys", "etc", "etc/resolv.conf", "etc/hostname", "tmp"])(
    "an image whose /%s is a link out of it changes nothing outside",
    async (link) => {
      const image = path.join(harness.home, "disk/image");
      const victim = path.join(harness.home, "disk/victim");
      await mkdir(victim);
      await mkdir(path.dirname(path.join(image, link)), { recursive: true });
      await symlink(`${"../".repeat(12)}${victim.slice(1)}`, path.join(image, link));
      const spec = hostileSpec(["sh", "-c", `echo out > /${link}/out; echo ran; cat /${link}/secret`]);
      await writeFile(path.join(victim, "secret"), "of the host", { mode: 0o644 });
      const rootfs = { ...spec.rootfs, lowers: [image, ...spec.rootfs.lowers] };
      const outcome = await harness.run({ ...spec, rootfs }).catch((error: Error) => error);
      if (!(outcome instanceof Error)) expect(outcome.stdout).not.toContain("of the host");
      expect((await execute("ls", [victim])).stdout).toBe("secret\n");
      await expectUnharmed();
    },
  );
}
