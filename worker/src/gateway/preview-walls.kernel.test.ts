import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import type { SessionNetwork } from "../network/network.ts";
import { type NetworkFixture, NONE, openNetworkFixture, runInside } from "../network/network-fixture.ts";
import { ownPool } from "../network/pool-fixture.ts";
import { ownNumber } from "../process/test-lane-fixture.ts";
import { GatewayFixture, neighbour, session } from "./gateway-fixture.ts";

// A slow machine is no failure.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000, expect: { poll: { timeout: 30_000 } } });

const PORT = 8080;
const CLOSE = "Connection: close\r\n";
/** Accepts, says so, and tells every byte that it gets. */
const LISTENER = `require("net").createServer((socket) => {
  console.log("accepted");
  socket.on("error", () => {});
  socket.on("data", (data) => console.log("heard " + data));
}).listen(${PORT}, () => console.log("listening"));`;
/** Root of the whole machine in the namespace, so more than anybody in a session is: tells the text of every packet. */
const EAVESDROPPER = `$| = 1; socket(S, 17, 3, 0x0300) or die $!; print "listening\\n";
  while (sysread(S, my $packet, 65536)) { print "heard $packet\\n" if $packet =~ /secret/; }`;

let network: NetworkFixture;
let fixture: GatewayFixture;
const programs: Program[] = [];

/** A program in a session's namespace. */
class Program {
  readonly #child: ChildProcess;
  said = "";

  constructor(inside: SessionNetwork, command: readonly string[]) {
    const namespace = inside.namespacePath.split("/").at(-1) ?? "";
    this.#child = spawn("ip", ["netns", "exec", namespace, ...command], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    this.#child.stdout?.on("data", (data) => {
      this.said += data;
    });
    programs.push(this);
  }

  async listening(): Promise<this> {
    await expect.poll(() => this.said).toContain("listening");
    return this;
  }

  async end(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await ended;
  }
}

const listener = (inside: SessionNetwork) =>
  new Program(inside, [process.execPath, "-e", LISTENER]).listening();

beforeAll(async () => {
  // Room for one session, so that the next one gets its address.
  network = await openNetworkFixture("gw", { pool: await ownPool("", "100.111.0.0/16", 23, ownNumber(128)) });
  fixture = await GatewayFixture.open();
});
afterEach(async () => {
  for (const program of programs.splice(0)) await program.end();
  await network.clear();
});
afterAll(async () => {
  await fixture?.close();
  await network?.close();
});

/** Another session's network with this very address: as many are made as it takes. */
async function successor(address: string): Promise<SessionNetwork> {
  for (let count = 0; count < 256; count++) {
    const made = await network.network.create(network.nextName(), NONE);
    if (made.address === address) return made;
    await network.network.remove(made.name);
  }
  throw new Error(`nobody gets ${address} again`);
}

test("a connection that begins in one session and opens in the next brings it no byte", async () => {
  const first = await network.network.create(network.nextName(), NONE);
  fixture.addresses.set(session, first.address);
  // Takes no connection and refuses none, so that the kernel asks again and again.
  await runInside(first, [
    "nft",
    "add table inet t; add chain inet t i { type filter hook input priority 0; policy drop; }",
  ]);
  const head = await fixture.head(PORT, `${CLOSE}Content-Length: 6\r\n`, "POST / HTTP/1.1");
  const asked = fixture.send(`${head}secret`);
  await expect.poll(async () => (await connecting(first.address)).length).toBe(1);

  await network.network.remove(first.name);
  fixture.addresses.delete(session);
  const second = await successor(first.address);
  fixture.addresses.set(neighbour, second.address);
  const hostile = await listener(second);

  expect(await asked.ended()).toMatch(/^HTTP\/1\.1 (404|502) /);
  // The attack was real where the kernel asked once more in time; whether or not, no byte came.
  expect(hostile.said).not.toContain("heard");
  const answered = fixture.send(await fixture.head(PORT, CLOSE, "GET /own HTTP/1.1", neighbour));
  await expect.poll(() => hostile.said).toContain("heard GET /own");
  answered.socket.destroy();
});

test("what a browser goes on sending to a session that has ended is on no wire of the next one", async () => {
  const first = await network.network.create(network.nextName(), NONE);
  fixture.addresses.set(session, first.address);
  const taken = await listener(first);
  const head = await fixture.head(PORT, "Content-Length: 1000000\r\n", "POST / HTTP/1.1");
  const upload = fixture.send(`${head}first`);
  await expect.poll(() => taken.said).toContain("first");

  // As a session ends: its state, the word to the gateway, and its network, in this order.
  fixture.addresses.delete(session);
  fixture.gateway.sessionEnds(session);
  // Nobody there says goodbye.
  await network.network.remove(first.name);
  const second = await successor(first.address);
  const hostile = await new Program(second, ["perl", "-e", EAVESDROPPER]).listening();
  upload.socket.write("secret".repeat(10_000));
  await upload.ended();
  expect(hostile.said).not.toContain("heard");
  // It would have heard: the same words for the session that has the address now.
  fixture.addresses.set(neighbour, second.address);
  const own = fixture.send(await fixture.head(PORT, "X: secret\r\n", undefined, neighbour));
  const live = await listener(second);
  await expect.poll(() => live.said + own.text).toMatch(/secret|502/);
  const again = fixture.send(await fixture.head(PORT, "X: secret\r\n", undefined, neighbour));
  await expect.poll(() => hostile.said).toContain("heard");
  for (const { socket } of [own, again]) socket.destroy();
});

/** Local sockets that have sent a SYN to this address and wait (proc(5), /proc/net/tcp: state 02). */
async function connecting(address: string): Promise<string[]> {
  const hex = Buffer.from(address.split(".").map(Number)).reverse().toString("hex").toUpperCase();
  const table = await readFile("/proc/net/tcp", "utf8");
  return table.split("\n").filter((line) => new RegExp(` ${hex}:[0-9A-F]{4} 02 `).test(line));
}
