import { execFileSync } from "node:child_process";
import { readdir, readFile, statfs } from "node:fs/promises";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, it } from "vitest";
import { encodeTarHeader, TAR_END } from "../layer/tar-encoder.ts";
import { expectNothingLeft, fileOf, last, logOf, outcomes, someone } from "./build-outcome-fixture.ts";
import {
  buildContext,
  dockerfile,
  FIXTURE_LIMITS,
  type Fixture,
  fixtureWithBusybox,
} from "./builder-fixture.ts";

const MIB = 1024 ** 2;
const LIMIT = 64 * MIB;
const limited = { request: { limits: { ...FIXTURE_LIMITS, diskBytes: LIMIT } } };

let fixture: Fixture;
beforeAll(async () => {
  fixture = await fixtureWithBusybox();
}, 120_000);
afterAll(async () => {
  await fixture?.close();
});

const build = (text: string, options: Parameters<typeof buildContext>[2] = limited) =>
  buildContext(fixture, [dockerfile(text)], { playground: someone(), ...options });

/** A tar with one file of zeros. */
function* tarOf(name: string, sizeBytes: number): Generator<Uint8Array> {
  yield encodeTarHeader({
    path: name,
    type: "file",
    mode: 0o644,
    uid: 0,
    gid: 0,
    mtimeSeconds: 0,
    linkTarget: "",
    sizeBytes,
  });
  yield Buffer.alloc(sizeBytes);
  yield TAR_END;
}

/** Blocks that the worker's whole directory takes. */
function diskUse(): number {
  return Number.parseInt(execFileSync("du", ["-s", "-B1", fixture.root], { encoding: "utf8" }), 10);
}

it("a RUN that writes more than a build may gets ENOSPC, ends the build at that step, and leaves nothing", async () => {
  const before = diskUse();
  const { bavail, bsize } = await statfs(fixture.root);
  let leastFree = bavail * bsize;
  const timer = setInterval(async () => {
    const now = await statfs(fixture.root);
    leastFree = Math.min(leastFree, now.bavail * now.bsize);
  }, 20);
  const events = await build(
    "FROM busybox\nRUN echo fine > /fine\nRUN dd if=/dev/zero of=/big bs=1M count=4096\n",
  );
  clearInterval(timer);
  expect(last(events)).toMatchObject({
    type: "failed",
    step: 2,
    error: { code: "build-disk-full", params: { limit: LIMIT }, fault: "capacity" },
  });
  expect(logOf(events)).toContain("No space left on device");
  expect(bavail * bsize - leastFree).toBeLessThan(1024 * MIB);
  await expectNothingLeft(fixture);
  expect(diskUse() - before).toBeLessThan(2 * MIB);
});

it("what several steps write counts together, and what they wrote and removed again counts while it is there", async () => {
  const write = (name: string) => `RUN dd if=/dev/urandom of=/${name} bs=1M count=24 2>/dev/null`;
  const events = await build(`FROM busybox\n${write("a")}\n${write("b")}\nRUN rm /a\n${write("c")}\n`);
  expect(last(events)).toMatchObject({ type: "failed", step: 4, error: { code: "build-disk-full" } });
  const again = await build(
    `FROM busybox\nRUN for n in 1 2 3 4 5; do dd if=/dev/zero of=/x bs=1M count=40 && rm /x; done 2>/dev/null; echo ok > /ok\n`,
  );
  expect(await fileOf(fixture, again, "ok")).toBe("ok\n");
});

it("a program that cleans up after ENOSPC is told all the same", async () => {
  const events = await build(
    "FROM busybox\nRUN dd if=/dev/zero of=/big bs=1M count=4096 || { sleep 0.2; rm /big; exit 3; }\n",
  );
  expect(last(events)).toMatchObject({ step: 1, error: { code: "build-disk-full" } });
});

it("files without content are limited as well", async () => {
  const events = await build(
    "FROM busybox\nRUN mkdir /d && cd /d && n=0; while touch $n; do n=$((n+1)); done; exit 1\n",
  );
  expect(last(events)).toMatchObject({ step: 1, error: { code: "build-disk-full" } });
});

it("holes of files take no room in the store, and no more of it than twice the limit as layers", async () => {
  const before = diskUse();
  const fine = await build("FROM busybox\nRUN truncate -s 48M /holes; echo x >> /holes\n");
  expect(last(fine)).toMatchObject({ type: "image" });
  const events = await build("FROM busybox\nRUN truncate -s 30G /holes\n");
  expect(last(events)).toMatchObject({ step: 1, error: { code: "build-disk-full" } });
  await expectNothingLeft(fixture);
  expect(diskUse() - before).toBeLessThan(52 * MIB);
});

it("what COPY and ADD write counts before it is written, together with what programs wrote", async () => {
  const before = diskUse();
  const holes = "FROM busybox AS a\nRUN truncate -s 30M /holes\nFROM busybox\n";
  const copied = await build(
    `${holes}COPY --from=a /holes /1\nCOPY --from=a /holes /2\nCOPY --from=a /holes /3\n`,
  );
  expect(last(copied)).toMatchObject({ step: 5, error: { code: "build-disk-full" } });
  expect(diskUse() - before).toBeLessThan(200 * MIB);
  const between = diskUse();
  const both = await build(
    `${holes}COPY --from=a /holes /4\nCOPY --from=a /holes /5\nRUN dd if=/dev/zero of=/3 bs=1M count=10\n`,
  );
  expect(last(both)).toMatchObject({ step: 5, error: { code: "build-disk-full" } });
  expect(diskUse() - between).toBeLessThan(200 * MIB);
  const archive = gzipSync(Buffer.concat([...tarOf("big", 80 * MIB)]));
  const added = await buildContext(
    fixture,
    [dockerfile("FROM busybox\nADD a.tar.gz /x/\n"), { path: "a.tar.gz", content: archive }],
    { playground: someone(), ...limited },
  );
  expect(last(added)).toMatchObject({ step: 1, error: { code: "build-disk-full" } });
  await expectNothingLeft(fixture);
});

it("what a RUN writes into a mount of files counts as its own, and goes with the step", async () => {
  const fill = "dd if=/dev/zero of=/in/big bs=1M";
  const run = (text: string) => build(`FROM busybox\nRUN --mount=target=/in,rw ${text}\n`);
  expect(last(await run(`${fill} count=500`))).toMatchObject({ step: 1, error: { code: "build-disk-full" } });
  const again = await build(
    ["FROM busybox", ...[1, 2, 3].map((n) => `RUN --mount=target=/in,rw ${fill} count=40 && echo ${n}`)].join(
      "\n",
    ),
  );
  expect(last(again)).toMatchObject({ type: "image" });
  await expectNothingLeft(fixture);
});

it("a step that fills the disk of nobody else's build: builds have disks of their own", async () => {
  const write = "RUN dd if=/dev/urandom of=/a bs=1M count=40 2>/dev/null";
  const builds = [build(`FROM busybox\nENV ONE=1\n${write}\n`), build(`FROM busybox\nENV TWO=2\n${write}\n`)];
  for (const events of await Promise.all(builds)) expect(last(events)).toMatchObject({ type: "image" });
});

it("who fills a disk does not end the build of somebody who shares a step with it", async () => {
  // The other stage takes the room away while the shared step waits; a build of its own has it all.
  const shared =
    "FROM busybox AS shared\nRUN echo on; sleep 3; dd if=/dev/urandom of=/a bs=1M count=30 2>/dev/null\n";
  const greedy = "FROM busybox AS greedy\nRUN dd if=/dev/zero of=/big bs=1M count=50 2>/dev/null\n";
  let second: ReturnType<typeof build> | null = null;
  const first = build(`${shared}${greedy}FROM shared\nCOPY --from=greedy /big /big\n`, {
    ...limited,
    onEvent: (event) => {
      if (event.type === "log") second ??= build(shared);
    },
  });
  expect(last(await first)).toMatchObject({ error: { code: "build-disk-full" } });
  const others = (await second) ?? [];
  expect(outcomes(others)[1]).toContain("shared");
  expect(last(others)).toMatchObject({ type: "image" });
});

it("no loop device of a build is left, after success, failure and a cancelled build", async () => {
  const controller = new AbortController();
  const cancelled = build("FROM busybox\nRUN echo on > /f; echo up; sleep 100\n", {
    ...limited,
    signal: controller.signal,
    onEvent: (event) => event.type === "log" && controller.abort(),
  });
  expect(last(await cancelled)).toMatchObject({ error: { code: "build-cancelled" } });
  expect(await readdir(path.join(fixture.root, "disks/images"))).toEqual([]);
  const devices = () =>
    execFileSync("losetup", ["--list", "--noheadings", "--output", "BACK-FILE"], { encoding: "utf8" });
  await expect.poll(devices).not.toContain(fixture.root);
  expect(await readFile("/proc/mounts", "utf8")).not.toContain(fixture.root);
});
