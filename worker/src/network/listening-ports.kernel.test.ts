import { type ChildProcess, spawn } from "node:child_process";
import { MAX_REPORTED_PORTS } from "@slipway/protocol";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { listeningPorts } from "./listening-ports.ts";
import { listenInside, type NetworkFixture, NONE, openNetworkFixture } from "./network-fixture.ts";

const PORTS = 10_000;
/** Processor time of one look, of this process; it takes some ten milliseconds. */
const LOOK_CPU_MS = 500;
const LOOK_HEAP_BYTES = 32 * 1024 * 1024;

let fixture: NetworkFixture;
const children: ChildProcess[] = [];

beforeAll(async () => {
  fixture = await openNetworkFixture("p");
});

afterEach(async () => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  await fixture.clear();
});

afterAll(() => fixture.close());

test("10,000 listening ports of one session cost a bounded look, and hide nobody else's port", async () => {
  const { network, nextName } = fixture;
  const [greedy, other] = await Promise.all([
    network.create(nextName(), NONE),
    network.create(nextName(), NONE),
  ]);
  const script = `use Socket; my @all;
    for my $port (20000 .. ${20_000 + PORTS - 1}) { my $s; socket($s, PF_INET, SOCK_STREAM, 6) or die $!;
      bind($s, sockaddr_in($port, INADDR_ANY)) or die $!; listen($s, 1) or die $!; push @all, $s; }
    $| = 1; print "ready"; sleep 60;`;
  const limited = ["prlimit", `--nofile=${PORTS + 100}:${PORTS + 100}`, "perl", "-e", script];
  const child = spawn("nsenter", [`--net=${greedy.namespacePath}`, ...limited]);
  children.push(child);
  await new Promise((resolve, reject) => {
    child.stdout.once("data", resolve);
    child.stderr.once("data", (data) => reject(new Error(`${data}`)));
  });
  const single = await listenInside(other, "0.0.0.0", 8080);
  try {
    const heap = process.memoryUsage().heapUsed;
    const before = process.cpuUsage();
    const [many, one] = await Promise.all([listeningPorts(child.pid ?? 0), listeningPorts(single.pid)]);
    const { user, system } = process.cpuUsage(before);
    expect(one).toEqual([{ port: 8080, loopbackOnly: false }]);
    expect(many).toHaveLength(MAX_REPORTED_PORTS);
    expect(many.map(({ port }) => port)).toEqual(many.map(({ port }) => port).sort((a, b) => a - b));
    expect((user + system) / 1_000).toBeLessThan(LOOK_CPU_MS);
    expect(process.memoryUsage().heapUsed - heap).toBeLessThan(LOOK_HEAP_BYTES);
  } finally {
    single.stop();
  }
});
