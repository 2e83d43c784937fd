import { afterAll, beforeAll, expect, it } from "vitest";
import { expectNothingLeft, last, logOf, someone } from "./build-outcome-fixture.ts";
import {
  buildContext,
  dockerfile,
  FIXTURE_LIMITS,
  type Fixture,
  fixtureWithBusybox,
} from "./builder-fixture.ts";

const MIB = 1024 ** 2;
const limits = { ...FIXTURE_LIMITS, memoryBytes: 64 * MIB, pids: 32 };

let fixture: Fixture;
beforeAll(async () => {
  fixture = await fixtureWithBusybox();
}, 120_000);
afterAll(async () => {
  await fixture?.close();
});

const build = (text: string) =>
  buildContext(fixture, [dockerfile(text)], { playground: someone(), request: { limits } });

it("a RUN that the kernel killed for memory says so, with what a build may use", async () => {
  // tail keeps all of a line that does not end.
  const events = await build("FROM busybox\nRUN echo on\nRUN tail /dev/zero; exit $?\n");
  expect(last(events)).toMatchObject({
    type: "failed",
    step: 2,
    exitCode: 137,
    error: { code: "run-failed", params: { limit: "memory", allowed: limits.memoryBytes, times: 1 } },
  });
  await expectNothingLeft(fixture);
});

it("one that was refused processes says so, and leaves none of those that it has", async () => {
  const bomb = "for n in $(seq 64); do sleep 60 & done; wait";
  const events = await build(`FROM busybox\nRUN ${bomb}\n`);
  expect(last(events)).toMatchObject({
    type: "failed",
    step: 1,
    error: { code: "run-failed", params: { limit: "pids", allowed: limits.pids } },
  });
  await expectNothingLeft(fixture);
});

it("a command that fails by itself is said to have met nothing", async () => {
  const events = await build("FROM busybox\nRUN tail /dev/zero || true\nRUN echo no; exit 137\n");
  const failed = last(events);
  expect(failed).toMatchObject({ type: "failed", step: 2, exitCode: 137, error: { code: "run-failed" } });
  expect(logOf(events)).toContain("no");
  expect(failed?.type === "failed" && failed.error.params).not.toHaveProperty("limit");
});

it("a step stands behind the same walls as a session", async () => {
  const probes = [
    "grep -E '^(Cap(Prm|Eff|Bnd)|NoNewPrivs|Seccomp:)' /proc/self/status | tr '\\t\\n' '  '",
    "echo; cat /proc/kcore /proc/keys /proc/timer_list 2>/dev/null | wc -c",
    "ls /sys/firmware | wc -l",
    "for f in /proc/sys/kernel/core_pattern /proc/sysrq-trigger /sys/x; do (echo b > $f) 2>/dev/null && echo written; done",
    "mount -t tmpfs t /tmp 2>/dev/null && echo mounted; mknod /disk b 254 0 2>/dev/null && echo made",
    "hostname other 2>/dev/null && echo renamed; swapoff -a 2>/dev/null && echo swapoff",
    "unshare -m true 2>/dev/null && echo unshared",
    "cat /proc/self/uid_map | tr -s ' '",
    "ulimit -n; ulimit -c",
    "cut -d' ' -f5 /proc/self/mountinfo | sort | uniq | tr '\\n' ' '",
    "echo; ls /dev | tr '\\n' ' '; echo; ls /proc/self/fd | wc -l",
    "echo; grep -c . /proc/net/dev; wget -q -T 2 -O - http://169.254.169.254/ 2>/dev/null && echo reached",
  ];
  const events = await build(`FROM busybox\nRUN ${probes.join("; ")}; true\n`);
  expect(last(events)).toMatchObject({ type: "image" });
  const said = logOf(events);
  expect(said).toContain("CapPrm: 00000000a80425fb CapEff: 00000000a80425fb CapBnd: 00000000a80425fb");
  expect(said).toContain("NoNewPrivs: 1 Seccomp: 2");
  for (const word of ["written", "mounted", "made", "renamed", "swapoff", "unshared", "reached"])
    expect(said.split("\n")).not.toContain(word);
  expect(said).toMatch(/^ ?0 \d{10} 65536$/m);
  // The limit of open files is the machine's where that is lower; there are no core dumps.
  expect(said).toMatch(/^\d{4,5}\n0$/m);
  expect(said).not.toContain(fixture.root);
  expect(said).toMatch(
    /^core fd full mqueue null ptmx pts random shm stderr stdin stdout tty urandom zero $/m,
  );
});
