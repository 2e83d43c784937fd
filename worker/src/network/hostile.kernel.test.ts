import { execFile, execFileSync } from "node:child_process";
import { createSocket } from "node:dgram";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { networkInterfaces } from "node:os";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { AddressPool } from "./address-pool.ts";
import { HostNetwork } from "./host-network.ts";
import { formatPrefix } from "./ipv4.ts";
import type { ContainerNetwork, SessionNetwork } from "./network.ts";
import {
  connect,
  connectFromWorker,
  gatewayOf,
  INTERNET,
  type Listener,
  listenInside,
  makeOutside,
  type NetworkFixture,
  NONE,
  NOTHING_MS,
  type Outcome,
  type Outside,
  openNetworkFixture,
  PACKAGES,
  resolveInside,
  runInside,
  scriptInside,
} from "./network-fixture.ts";
import { poolsByTable } from "./pools.ts";
import { linkName } from "./scripts.ts";

/** Addresses of a namespace that stands for the world outside of the machine, and what a session may reach. */
const OUTSIDE: Record<string, Outcome> = {
  "198.51.100.9": "connected",
  "10.99.7.2": "refused",
  "169.254.169.254": "refused",
  "172.31.77.9": "refused",
  "192.168.77.9": "refused",
  "100.127.77.9": "refused",
};
const PUBLIC = "198.51.100.9";
const PORT = 8080;

let fixture: NetworkFixture;
let outside: Outside;
/** A session that nobody attacks, with a further container; its names are made once. */
let neighbour: SessionNetwork;
let neighbourContainer: ContainerNetwork;
/** The attacker and its container, new for each test. */
let attacker: SessionNetwork;
let attackerContainer: ContainerNetwork;
let attackerName: string;
const listeners: Listener[] = [];

beforeAll(async () => {
  fixture = await openNetworkFixture("x");
  outside = await makeOutside(Object.keys(OUTSIDE));
  neighbour = await fixture.network.create("neighbour", { ...INTERNET, hostNames: ["main"] });
  neighbourContainer = await fixture.network.attach("neighbour", { id: "c1", names: ["web"] });
  for (const each of [neighbour, neighbourContainer])
    listeners.push(await listenInside(each, "0.0.0.0", PORT));
});

beforeEach(async () => {
  attackerName = fixture.nextName();
  attacker = await fixture.network.create(attackerName, INTERNET);
  attackerContainer = await fixture.network.attach(attackerName, { id: "c1", names: ["web"] });
});

afterEach(async () => {
  // Whatever the attack was: the neighbour lives as before, and the attacker leaves nothing.
  expect(await connectFromWorker(neighbour.address, PORT)).toBe("hi");
  expect(await connectFromWorker(neighbourContainer.address, PORT)).toBe("hi");
  expect(await resolveInside(neighbour, "web")).toEqual([neighbourContainer.address]);
  expect(await connect(neighbour, neighbourContainer.address, PORT)).toBe("connected");
  expect(await connect(neighbourContainer, PUBLIC, PORT)).toBe("connected");
  await fixture.network.remove(attackerName);
  expect(await fixture.network.list()).toEqual(["neighbour"]);
  expect(execFileSync("ip", ["-o", "link"]).toString()).not.toContain(link(attackerName));
});

afterAll(async () => {
  for (const listener of listeners) listener.stop();
  outside?.remove();
  await fixture?.close();
});

const link = (name: string) => linkName(fixture.options.names, name);
const both = () => [attacker, attackerContainer];
/** Perl is part of every Debian, and speaks to sockets that Node does not open. */
const perl = (from: Pick<ContainerNetwork, "namespacePath">, script: string) =>
  runInside(from, ["perl", "-e", script]);
/** The worker's own address for sessions. */
const service = () => new AddressPool(fixture.options.pool).service;
const hexAddress = (address: string) => Buffer.from(address.split(".").map(Number)).toString("hex");

/** A TCP server of this machine, as the control plane, the worker's gateway or a database is one. */
async function workerListener(address: string): Promise<{ port: number; close(): void }> {
  const server = createServer((socket) => socket.on("error", () => {}).end());
  await new Promise<void>((resolve) => server.listen(0, address, resolve));
  const bound = server.address();
  if (bound === null || typeof bound === "string") throw new Error("no port");
  return { port: bound.port, close: () => void server.close() };
}

/** Counts what arrives at a UDP socket of this machine while `attack` runs. */
async function datagramsDuring(port: number, attack: (port: number) => Promise<unknown>): Promise<number> {
  const socket = createSocket("udp4");
  await new Promise<void>((resolve) => socket.bind(port, "0.0.0.0", resolve));
  let count = 0;
  socket.on("message", () => (count += 1));
  await attack(socket.address().port);
  await new Promise((resolve) => setTimeout(resolve, 200));
  socket.close();
  return count;
}

describe("requests to where nobody should get (SSRF)", () => {
  test("reach no port of this machine, at any of its addresses", async () => {
    const server = await workerListener("0.0.0.0");
    const present = Object.values(networkInterfaces())
      .flatMap((list) => list ?? [])
      .filter(({ family, address }) => family === "IPv4" && !address.startsWith("127."))
      .map(({ address }) => address);
    // Where another Slipway of this machine answers its own sessions, it drops what others ask, and nobody hears of that.
    const others = [...(await poolsByTable())].filter(([table]) => table !== fixture.options.names.table);
    const resolvers = others.map(([, pool]) => new AddressPool(formatPrefix(pool)).service);
    const addresses = present.filter((address) => !resolvers.includes(address));
    expect(addresses).toContain(service());
    const asked = [...addresses, gatewayOf(attacker), gatewayOf(neighbour)];
    try {
      for (const from of both()) {
        const outcomes = await Promise.all(asked.map((address) => connect(from, address, server.port)));
        expect(new Set(outcomes)).toEqual(new Set(["refused"]));
        for (const address of resolvers)
          expect(await connect(from, address, server.port, NOTHING_MS)).not.toBe("connected");
        expect(await connect(from, "127.0.0.1", server.port)).toBe("refused");
      }
    } finally {
      server.close();
    }
  });

  test("reach no port on the loopback of this machine, even with routes that lead there", async () => {
    const server = await workerListener("127.0.0.1");
    try {
      const end = gatewayOf(attacker);
      expect(await connect(attacker, end, server.port)).toBe("refused");
      await runInside(attacker, ["ip", "addr", "del", "127.0.0.1/8", "dev", "lo"]);
      await runInside(attacker, ["ip", "route", "add", "127.0.0.0/8", "via", end, "dev", "eth0"]);
      expect(await connect(attacker, "127.0.0.1", server.port, NOTHING_MS)).toBe("nothing");
    } finally {
      server.close();
    }
  });

  test("reach no datagram socket of this machine", async () => {
    const arrived = await datagramsDuring(0, async (port) => {
      for (const address of [gatewayOf(attacker), service(), "192.0.2.2"]) {
        const script = `require("dgram").createSocket("udp4").send("x", ${port}, "${address}", () => process.exit());`;
        for (const from of both()) await scriptInside(from, script);
      }
    });
    expect(arrived).toBe(0);
  });

  test("reach neither a neighbour nor its containers", async () => {
    for (const from of both()) {
      for (const target of [neighbour, neighbourContainer]) {
        expect(await connect(from, target.address, PORT)).toBe("refused");
      }
    }
  });

  test.each(Object.entries(OUTSIDE))("of what the worker reaches, %s: %s", async (address, outcome) => {
    expect(await connectFromWorker(address, PORT)).toBe("hi");
    for (const from of both()) expect(await connect(from, address, PORT)).toBe(outcome);
  });

  test("reach a private address that the operator opened, and only while it is open", async () => {
    const opened = await HostNetwork.start({ ...fixture.options, opened: ["10.99.7.2"] });
    opened.close();
    expect(await connect(attacker, "10.99.7.2", PORT)).toBe("connected");
    (await HostNetwork.start(fixture.options)).close();
    expect(await connect(attacker, "10.99.7.2", PORT)).toBe("refused");
  });

  test.each([
    ["none", NONE],
    ["packages-only", PACKAGES],
  ])("reach nothing at all with %s, and hear so at once", async (_, policy) => {
    await fixture.network.create(attackerName, policy);
    const script = `const begun = Date.now(); const s = require("net").connect(${PORT}, "${PUBLIC}");
      s.on("error", (e) => console.log(e.code, Date.now() - begun < 1000)); s.on("connect", () => console.log("connected"));`;
    for (const from of both()) expect(await scriptInside(from, script)).toBe("ECONNREFUSED true");
  });
});

describe("forged packets", () => {
  test("with an address of a neighbour, its container, the worker or somebody outside as their own go nowhere", async () => {
    const forged = [
      neighbour.address,
      neighbourContainer.address,
      gatewayOf(attacker),
      service(),
      "203.0.113.5",
      "10.1.2.3",
    ];
    const script = `const forged = ${JSON.stringify(forged)};
      for (const address of forged) {
        const s = require("dgram").createSocket("udp4"); s.bind(0, address, () => s.send("x", 9, "${PUBLIC}"));
        require("net").connect({ port: ${PORT}, host: "${PUBLIC}", localAddress: address }).on("connect", () => console.log(address)).on("error", () => {});
      }
      setTimeout(() => process.exit(), ${NOTHING_MS});`;
    const seen = await arrivedOutside(17, async () => {
      for (const from of both()) {
        for (const address of forged)
          await runInside(from, ["ip", "addr", "add", `${address}/32`, "dev", "eth0"]);
        expect(await scriptInside(from, script)).toBe("");
      }
    });
    expect(seen).toBe(0);
  });

  test("with source routing or other options go nowhere", async () => {
    // IP_OPTIONS (ip(7)): loose and strict source routing by way of the worker, record route.
    for (const kind of ["83", "89", "07"]) {
      const options = `${kind}0704${hexAddress(gatewayOf(attacker))}00`;
      const send = (optioned: boolean) => `use Socket; socket(S, PF_INET, SOCK_DGRAM, 17) or die $!;
        ${optioned ? `setsockopt(S, 0, 4, pack("H*", "${options}")) or die $!;` : ""}
        send(S, "x", 0, sockaddr_in(9, inet_aton("${PUBLIC}"))); print "sent";`;
      expect(await arrivedOutside(17, () => perl(attacker, send(false)))).toBe(1);
      expect(await arrivedOutside(17, () => perl(attacker, send(true)).catch(() => ""))).toBe(0);
    }
  });

  test("of IPv6 in IPv4 (6to4), IPv4 in IPv4, GRE and SCTP go nowhere", async () => {
    for (const protocol of [41, 4, 47, 132]) {
      const send = `use Socket; socket(S, PF_INET, SOCK_RAW, ${protocol}) or die $!;
        send(S, "x" x 64, 0, sockaddr_in(0, inet_aton("${PUBLIC}"))) or die $!; print "sent";`;
      const fromWorker = async () => execFileSync("perl", ["-e", send]);
      expect(await arrivedOutside(protocol, fromWorker)).toBe(1);
      expect(await arrivedOutside(protocol, () => perl(attacker, send)), `${protocol}`).toBe(0);
    }
  });
});

/** How many packets of a protocol arrive at the outside while `attack` runs. */
async function arrivedOutside(protocol: number, attack: () => Promise<unknown>): Promise<number> {
  const table = "counted";
  const rules = `table ip ${table} {
    chain in { type filter hook input priority -300; meta l4proto ${protocol} counter; }
  }
`;
  await runInside(outside, ["nft", rules]);
  try {
    await attack();
    await new Promise((resolve) => setTimeout(resolve, 100));
    const listing = await runInside(outside, ["nft", "list", "table", "ip", table]);
    return Number(/counter packets (\d+)/.exec(listing)?.[1]);
  } finally {
    await runInside(outside, ["nft", "delete", "table", "ip", table]);
  }
}

describe("IPv6, switched on by an attacker who could", () => {
  test("reaches no address of this machine, and makes it neither neighbours nor routes", async () => {
    const own = Object.values(networkInterfaces())
      .flatMap((list) => list ?? [])
      .find(({ family, address, internal }) => family === "IPv6" && !internal && !address.startsWith("fe80"));
    const server = await workerListener("::");
    try {
      const worker = "02:53:57:00:00:01";
      await runInside(attacker, [
        "sh",
        "-c",
        `echo 0 > /proc/sys/net/ipv6/conf/eth0/disable_ipv6
        ip -6 addr add fe80::2/64 dev eth0 nodad; ip -6 addr add fd77::2/64 dev eth0 nodad
        ip -6 neigh replace fe80::1 lladdr ${worker} dev eth0 nud permanent
        ip -6 route add default via fe80::1 dev eth0`,
      ]);
      const before = execFileSync("ip", ["-6", "route", "show", "dev", link(attackerName)]).toString();
      for (const address of [own?.address ?? "fd00::2", "ff02::1%eth0", "fe80::1%eth0", "2001:db8::1"]) {
        expect(await connect(attacker, address, server.port, NOTHING_MS), address).toBe("nothing");
      }
      await perl(attacker, routerAdvertisement);
      expect(execFileSync("ip", ["-6", "addr", "show", "dev", link(attackerName)]).toString()).toBe("");
      expect(execFileSync("ip", ["-6", "route", "show", "dev", link(attackerName)]).toString()).toBe(before);
      expect(execFileSync("ip", ["-6", "neigh", "show", "dev", link(attackerName)]).toString()).toBe("");
    } finally {
      server.close();
    }
  });
});

/** A router advertisement for fd88::/64 with an address to configure (RFC 4861, 4.2; RFC 4862), to all nodes. */
const routerAdvertisement = `use Socket;
  socket(S, 10, SOCK_RAW, 58) or die $!;
  setsockopt(S, 41, 18, pack("i", 255)) or die $!;
  my $prefix = pack("CCCCNNN", 3, 4, 64, 0xc0, 3600, 3600, 0) . pack("H*", "fd88" . "0" x 28);
  my $ra = pack("CCnCCnNN", 134, 0, 0, 64, 0, 1800, 0, 0) . $prefix;
  my $index = do { open my $f, "<", "/proc/net/if_inet6"; my ($line) = grep /eth0/, <$f>; hex((split " ", $line)[1]) };
  my $to = pack("SnN", 10, 0, 0) . pack("H*", "ff02" . "0" x 26 . "01") . pack("L", $index);
  for (1 .. 5) { send(S, $ra, 0, $to) or die $!; }`;

describe("floods", () => {
  test("of ARP on the uplink leave the worker's table of neighbours as it was", async () => {
    const count = () =>
      execFileSync("ip", ["-4", "neigh", "show", "nud", "all"]).toString().split("\n").length;
    const before = count();
    await perl(attacker, arpFlood("eth0", hexAddress(gatewayOf(attacker)), 5_000));
    expect(count() - before).toBeLessThan(5);
    expect(
      execFileSync("ip", ["neigh", "show", "dev", link(attackerName)])
        .toString()
        .trim(),
    ).toMatch(/^\S+ lladdr 02:53:57:00:00:02 PERMANENT$/);
  });

  test("of ARP on the bridge, for addresses of containers and of neighbours, stay in the session", async () => {
    const second = await fixture.network.attach(attackerName, { id: "c2", names: ["second"] });
    for (const target of [
      second.address,
      neighbourContainer.address,
      neighbour.address,
      gatewayOf(neighbour),
    ]) {
      await perl(attackerContainer, arpFlood("eth0", hexAddress(target), 500, target));
    }
    const listener = await listenInside(neighbourContainer, "0.0.0.0", PORT + 1);
    try {
      expect(await connectFromWorker(neighbourContainer.address, PORT + 1)).toBe("hi");
      expect(await connect(neighbour, neighbourContainer.address, PORT + 1)).toBe("connected");
    } finally {
      listener.stop();
    }
  });

  test("of DHCP requests reach no server of this machine", async () => {
    const arrived = await datagramsDuring(67, async () => {
      const script = `const s = require("dgram").createSocket("udp4"); let left = 500;
        s.bind(68, "0.0.0.0", () => { s.setBroadcast(true); for (let i = 0; i < 500; i++) s.send(Buffer.alloc(300), 67, "255.255.255.255", () => --left || process.exit()); });`;
      for (const from of both()) await scriptInside(from, script);
    });
    expect(arrived).toBe(0);
  });

  test("of flows leave the host's table of connections with room for others", async () => {
    const count = () => Number(readFileSync("/proc/sys/net/netfilter/nf_conntrack_count", "utf8"));
    const before = count();
    const script = `const s = require("dgram").createSocket("udp4"); let next = 1;
      (function more() { for (let i = 0; i < 200 && next < 20000; i++) s.send("x", next++, "${PUBLIC}");
        if (next < 20000) setImmediate(more); else setTimeout(() => process.exit(), 200); })();`;
    await scriptInside(attacker, script);
    expect(count() - before).toBeLessThan(4_096 + 500);
    expect(count() - before).toBeGreaterThan(1_000);
  }, 30_000);
});

/** `count` ARP requests for `target` (hexadecimal), each from another sender or all as if from `claimed` (RFC 826). */
const arpFlood = (device: string, target: string, count: number, claimed?: string) => `use Socket;
  socket(S, 17, SOCK_RAW, 0x0608) or die $!;
  open my $f, "<", "/sys/class/net/${device}/ifindex"; my $index = <$f>;
  my $mac = pack("H*", "025357000002"); my $all = "\\xff" x 6;
  my $to = pack("SnlSCCa8", 17, 0x0806, $index, 1, 0, 6, $all);
  for my $n (1 .. ${count}) {
    my $sender = ${claimed === undefined ? 'pack("CCCC", 100, 64, $n >> 8, $n & 255)' : `pack("H*", "${hexAddress(claimed)}")`};
    my $arp = pack("nnCCn", 1, 0x0800, 6, 4, 1) . $mac . $sender . "\\0" x 6 . pack("H*", "${target}");
    send(S, $all . $mac . pack("n", 0x0806) . $arp, 0, $to) or die $!;
  }`;

test("nobody with all rights of a user namespace changes the network that it is in, or listens to it", async () => {
  await fixture.network.create(attackerName, { ...INTERNET, bytesPerSecond: 10_000_000 });
  const attempts = [
    ["ip", "link", "set", "eth0", "down"],
    ["ip", "addr", "add", "10.0.0.1/8", "dev", "eth0"],
    ["ip", "route", "add", "10.0.0.0/8", "dev", "eth0"],
    ["tc", "qdisc", "del", "dev", "eth0", "root"],
    ["nft", "add table inet mine"],
    ["sh", "-c", "echo 0 > /proc/sys/net/ipv6/conf/eth0/disable_ipv6"],
    ["perl", "-e", "use Socket; socket(S, PF_INET, SOCK_RAW, 1) or exit 1"],
    ["perl", "-e", "socket(S, 17, 3, 768) or exit 1"],
  ];
  const id = "1990000000";
  for (const { namespacePath } of both()) {
    const asRootOfItsOwn = (command: readonly string[]) =>
      promisify(execFile)("nsenter", [
        `--net=${namespacePath}`,
        ...["setpriv", `--reuid=${id}`, `--regid=${id}`, "--clear-groups"],
        ...["unshare", "--user", "--map-root-user", ...command],
      ]);
    expect((await asRootOfItsOwn(["ip", "link"])).stdout).toContain("eth0");
    for (const attempt of attempts) {
      await expect(asRootOfItsOwn(attempt), attempt.join(" ")).rejects.toMatchObject({
        code: expect.any(Number),
      });
    }
  }
});
