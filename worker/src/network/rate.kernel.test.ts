import { execFile, spawn } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { SessionNetwork } from "./network.ts";
import { TRAFFIC_AGE_MS, UNLIMITED_BYTES_PER_SECOND } from "./network.ts";
import {
  INTERNET,
  makeOutside,
  type NetworkFixture,
  NONE,
  type Outside,
  openNetworkFixture,
  resolveInside,
  runInside,
  scriptInside,
} from "./network-fixture.ts";
import { burstBytes } from "./scripts.ts";

const MB = 1_000_000;
const PUBLIC = "198.51.100.9";
const PORT = 9090;
let fixture: NetworkFixture;
let outside: Outside;

beforeAll(async () => {
  fixture = await openNetworkFixture("b");
  outside = await makeOutside([PUBLIC], []);
});

afterEach(() => fixture.clear());

afterAll(async () => {
  outside?.remove();
  await fixture?.close();
});

const oldEnough = () => new Promise((resolve) => setTimeout(resolve, TRAFFIC_AGE_MS + 50));

/** Sends `bytes` from one place to another over TCP and gives the milliseconds until all had arrived. */
async function transfer(
  from: Pick<SessionNetwork, "namespacePath">,
  to: Pick<SessionNetwork, "namespacePath">,
  address: string,
  bytes: number,
): Promise<number> {
  const script = `let got = 0, begun = 0; const server = require("net").createServer((s) => s.on("error", () => {}).on("data", (d) => {
      begun ||= Date.now(); got += d.length;
      if (got >= ${bytes}) { console.log(Date.now() - begun); process.exit(); } }));
    server.listen(${PORT}, "0.0.0.0", () => console.log("ready"));`;
  const namespace = to.namespacePath.replace("/run/netns/", "");
  const receiver = spawn("ip", ["netns", "exec", namespace, process.execPath, "-e", script]);
  try {
    const line = () =>
      new Promise<string>((resolve) => receiver.stdout.once("data", (data) => resolve(`${data}`)));
    await line();
    const done = line();
    const sender = `const s = require("net").connect(${PORT}, "${address}"); s.on("error", () => process.exit());
      const block = Buffer.alloc(65536); let left = ${bytes};
      (function more() { while (left > 0) { const part = Math.min(left, block.length); left -= part; if (!s.write(block.subarray(0, part))) return s.once("drain", more); } s.end(); })();`;
    await Promise.all([scriptInside(from, sender), done]);
    return Number(await done);
  } finally {
    receiver.kill("SIGKILL");
  }
}

describe("a rate", () => {
  test("holds each way, is counted, and is told from what is not limited", async () => {
    const { network, nextName } = fixture;
    const rate = 4 * MB;
    const session = await network.create(nextName(), { ...INTERNET, bytesPerSecond: rate });
    const bytes = 4 * MB;
    const least = ((bytes - burstBytes(rate)) / rate) * 1_000 * 0.9;
    expect(await transfer(session, outside, PUBLIC, bytes)).toBeGreaterThan(least);
    await oldEnough();
    const sent = await session.traffic();
    expect(sent.sent.bytes).toBeGreaterThan(bytes);
    expect(sent.sent.packets).toBeGreaterThan(0);
    expect(sent.sent.heldPackets).toBeGreaterThan(0);
    expect(sent.received.heldPackets).toBe(0);
    expect(sent.received.bytes).toBeLessThan(MB);
  });

  test("is for all containers of a session together, and does not hold what stays inside", async () => {
    const { network, nextName } = fixture;
    const name = nextName();
    const rate = 4 * MB;
    const session = await network.create(name, { ...INTERNET, bytesPerSecond: rate });
    const [one, two] = await Promise.all(["c1", "c2"].map((id) => network.attach(name, { id, names: [id] })));
    if (!one || !two) throw new Error("no containers");
    const bytes = 4 * MB;
    await transfer(one, two, two.address, bytes);
    await oldEnough();
    expect((await session.traffic()).sent.bytes).toBeLessThan(MB);
    const least = ((bytes - burstBytes(rate)) / rate) * 1_000 * 0.9;
    expect(await transfer(one, outside, PUBLIC, bytes)).toBeGreaterThan(least);
    await oldEnough();
    expect((await session.traffic()).sent.heldPackets).toBeGreaterThan(0);
  });

  test("holds what the worker sends into a session, and drops what no queue can hold", async () => {
    const { network, nextName } = fixture;
    const rate = MB;
    const session = await network.create(nextName(), { ...NONE, bytesPerSecond: rate });
    const script = `const s = require("dgram").createSocket("udp4"); s.bind(${PORT}); s.on("listening", () => console.log("ready"));`;
    const namespace = session.namespacePath.replace("/run/netns/", "");
    const receiver = spawn("ip", ["netns", "exec", namespace, process.execPath, "-e", script]);
    try {
      await new Promise((resolve) => receiver.stdout.once("data", resolve));
      // Several sockets: the kernel makes a lone one wait for its own packets.
      const sender = `let left = 4000; const block = Buffer.alloc(1400);
        for (let n = 0; n < 16; n++) { const s = require("dgram").createSocket("udp4");
          for (let i = 0; i < 250; i++) s.send(block, ${PORT}, "${session.address}", () => --left || process.exit()); }`;
      await promisify(execFile)(process.execPath, ["-e", sender]);
      await oldEnough();
      const { received } = await session.traffic();
      expect(received.droppedPackets).toBeGreaterThan(0);
      expect(received.heldPackets).toBeGreaterThan(0);
    } finally {
      receiver.kill("SIGKILL");
    }
  });

  test("does not hold the answers of the resolver behind a download", async () => {
    const { network, nextName } = fixture;
    const rate = 10_000;
    const slow = { ...NONE, bytesPerSecond: rate, hostNames: ["main"] };
    const [session, other] = await Promise.all([
      network.create(nextName(), slow),
      network.create(nextName(), { ...NONE, hostNames: ["other"] }),
    ]);
    // What the burst lets through is gone, and a queue of ten seconds is full.
    const sender = `let left = 1200; const block = Buffer.alloc(1400);
      for (let n = 0; n < 8; n++) { const s = require("dgram").createSocket("udp4");
        for (let i = 0; i < 150; i++) s.send(block, ${PORT}, "${session.address}", () => --left || process.exit()); }
      setTimeout(() => process.exit(), 2000);`;
    await promisify(execFile)(process.execPath, ["-e", sender]);
    const begun = performance.now();
    expect(await resolveInside(session, "main")).toEqual([session.address]);
    expect(performance.now() - begun).toBeLessThan(7_000);
    expect(await resolveInside(other, "other")).toEqual([other.address]);
  });

  test("can be changed and taken away, and counters go on", async () => {
    const { network, nextName } = fixture;
    const name = nextName();
    const bytes = 2 * MB;
    const limited = await network.create(name, { ...INTERNET, bytesPerSecond: MB });
    await network.create(name, { ...INTERNET, bytesPerSecond: 400 * MB });
    const fast = await transfer(limited, outside, PUBLIC, bytes);
    await oldEnough();
    const before = (await limited.traffic()).sent.bytes;
    await network.create(name, { ...INTERNET, bytesPerSecond: UNLIMITED_BYTES_PER_SECOND });
    expect(await runInside(limited, ["tc", "qdisc", "show", "dev", "eth0"])).not.toContain("tbf");
    await transfer(limited, outside, PUBLIC, bytes);
    await oldEnough();
    expect((await limited.traffic()).sent.bytes - before).toBeGreaterThan(bytes);
    await network.create(name, { ...INTERNET, bytesPerSecond: 2 * MB });
    expect(await transfer(limited, outside, PUBLIC, bytes)).toBeGreaterThan(fast);
  });
});

test("traffic of a network that is gone is nothing", async () => {
  const { network, nextName } = fixture;
  const name = nextName();
  const session = await network.create(name, NONE);
  await network.remove(name);
  await oldEnough();
  expect(await session.traffic()).toEqual({
    sent: { bytes: 0, packets: 0, droppedPackets: 0, heldPackets: 0 },
    received: { bytes: 0, packets: 0, droppedPackets: 0, heldPackets: 0 },
  });
});
