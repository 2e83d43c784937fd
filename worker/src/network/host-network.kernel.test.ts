import { execFile, execFileSync, spawn } from "node:child_process";
import { lookup, Resolver } from "node:dns/promises";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { networkInterfaces } from "node:os";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { HostNetwork } from "./host-network.ts";
import { listeningPorts } from "./listening-ports.ts";
import { type SessionNetwork, UNLIMITED_BYTES_PER_SECOND } from "./network.ts";

const names = { table: "slipway-test", namespacePrefix: "slipway-test-", interfacePrefix: "swt-" };
const options = { pool: "100.126.240.0/24", names };
const INTERNET = { egress: "internet", bytesPerSecond: UNLIMITED_BYTES_PER_SECOND } as const;
const NONE = { egress: "none", bytesPerSecond: UNLIMITED_BYTES_PER_SECOND } as const;
/** Longest wait for a connection that is expected to come to nothing. */
const REFUSED_MS = 1_500;

let network: HostNetwork;
const servers: Server[] = [];
let counter = 0;
const nextName = () => `test${process.pid}x${counter++}`;

beforeAll(async () => {
  network = await HostNetwork.start(options);
});

afterEach(async () => {
  for (const server of servers.splice(0)) server.close();
  for (const name of await network.list()) await network.remove(name);
});

afterAll(async () => {
  await network.removeAll();
  expect(execFileSync("nft", ["list", "tables"]).toString()).not.toContain(names.table);
});

type Outcome = "connected" | "refused" | "nothing";

/** What happens to a TCP connection from inside of a network. */
async function connect(from: SessionNetwork, address: string, port: number): Promise<Outcome> {
  const script = `const s = require("net").connect(${port}, ${JSON.stringify(address)});
    s.on("connect", () => { console.log("connected"); process.exit(); });
    s.on("error", (e) => { console.log(e.code === "ECONNREFUSED" ? "refused" : "nothing"); process.exit(); });
    setTimeout(() => { console.log("nothing"); process.exit(); }, ${REFUSED_MS});`;
  const { stdout } = await promisify(execFile)("ip", [
    "netns",
    "exec",
    from.namespacePath.replace("/run/netns/", ""),
    process.execPath,
    "-e",
    script,
  ]);
  return stdout.trim() as Outcome;
}

/** The host's address of the veth pair: the one before the session's. */
const hostEnd = ({ address }: SessionNetwork): string =>
  address.replace(/[0-9]+$/, (last) => String(Number(last) - 1));

async function hostListener(address: string): Promise<number> {
  const server = createServer((socket) => socket.end());
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, address, resolve));
  const bound = server.address();
  if (bound === null || typeof bound === "string") throw new Error("no port");
  return bound.port;
}

/** Starts an HTTP-less TCP server inside of a network and resolves when it listens. */
async function listenerInside(
  inside: Pick<SessionNetwork, "namespacePath">,
  address: string,
  port: number,
): Promise<{ pid: number; stop(): void }> {
  const script = `require("net").createServer((s) => s.end("hi")).listen(${port}, ${JSON.stringify(address)}, () => console.log(process.pid))`;
  const child = spawn("ip", [
    "netns",
    "exec",
    inside.namespacePath.replace("/run/netns/", ""),
    process.execPath,
    "-e",
    script,
  ]);
  const pid = await new Promise<string>((resolve) => child.stdout.once("data", (data) => resolve(`${data}`)));
  return { pid: Number(pid), stop: () => child.kill("SIGKILL") };
}

/** Addresses of a namespace of this test that stands for the world outside of the machine, and what a session may reach. */
const outsideAddresses: Record<string, Outcome> = {
  "198.51.100.9": "connected",
  "10.99.7.2": "nothing",
  "169.254.77.9": "nothing",
  "172.31.77.9": "nothing",
  "192.168.77.9": "nothing",
  "100.127.77.9": "nothing",
};

/** A namespace beside the sessions', with a listener on 8080, that the host reaches at all outsideAddresses. */
async function makeOutside(): Promise<{ connectFromHost(address: string): Promise<string>; remove(): void }> {
  const namespace = `slipway-outside-${process.pid}`;
  const link = `swo${process.pid}`;
  const run = (...args: string[]) => execFileSync("ip", args);
  run("netns", "add", namespace);
  run("link", "add", link, "type", "veth", "peer", "name", "eth0", "netns", namespace);
  run("addr", "add", "10.99.7.1/24", "dev", link);
  run("link", "set", link, "up");
  for (const address of Object.keys(outsideAddresses))
    run("-n", namespace, "addr", "add", `${address}/24`, "dev", "eth0");
  run("-n", namespace, "link", "set", "eth0", "up");
  for (const address of Object.keys(outsideAddresses)) {
    if (address !== "10.99.7.2") run("route", "add", `${address}/32`, "via", "10.99.7.2", "dev", link);
  }
  const listener = await listenerInside({ namespacePath: `/run/netns/${namespace}` }, "0.0.0.0", 8080);
  return {
    connectFromHost: async (address) =>
      (await promisify(execFile)("bash", ["-c", `cat < /dev/tcp/${address}/8080`], { timeout: 5_000 }))
        .stdout,
    remove: () => {
      listener.stop();
      run("link", "delete", link);
      run("netns", "delete", namespace);
    },
  };
}

/** Host and port of this machine's own package source, if it has one that resolves. */
async function packageSource(): Promise<{ host: string; address: string; port: number } | null> {
  const directory = "/etc/apt/sources.list.d";
  const extra = existsSync(directory) ? readdirSync(directory).map((file) => `${directory}/${file}`) : [];
  const text = ["/etc/apt/sources.list", ...extra]
    .map((file) => (existsSync(file) ? readFileSync(file, "utf8") : ""))
    .join("\n");
  const url = /^[^#\n]*?(https?:\/\/[^\s/]+)/m.exec(text)?.[1];
  if (url === undefined) return null;
  const { hostname, port, protocol } = new URL(url);
  const found = await lookup(hostname, { family: 4 }).catch(() => null);
  const number = Number(port) || (protocol === "https:" ? 443 : 80);
  return found === null ? null : { host: hostname, address: found.address, port: number };
}

describe("a session with internet", () => {
  test("is reached by the worker at its address", async () => {
    const session = await network.create(nextName(), INTERNET);
    const listener = await listenerInside(session, "0.0.0.0", 8080);
    try {
      const answer = execFileSync("bash", ["-c", `cat < /dev/tcp/${session.address}/8080`]).toString();
      expect(answer).toBe("hi");
      expect(await listeningPorts(listener.pid)).toEqual([{ port: 8080, loopbackOnly: false }]);
    } finally {
      listener.stop();
    }
  });

  test("resolves names through the host's nameservers and reaches the host's package source", async (context) => {
    const source = await packageSource();
    if (source === null) return context.skip("this machine has no package source that resolves");
    const session = await network.create(nextName(), INTERNET);
    const server = /nameserver (\S+)/.exec(session.resolvConf)?.[1] ?? "";
    const script = `const r = new (require("dns").promises.Resolver)({ timeout: 3000, tries: 2 });
      r.setServers([${JSON.stringify(server)}]);
      r.resolve4(${JSON.stringify(source.host)}).then((a) => console.log(a.length > 0), (e) => console.log(e.code));`;
    const namespace = session.namespacePath.replace("/run/netns/", "");
    const { stdout } = await promisify(execFile)("ip", [
      "netns",
      "exec",
      namespace,
      process.execPath,
      "-e",
      script,
    ]);
    expect(stdout.trim()).toBe("true");
    expect(await connect(session, source.address, source.port)).toBe("connected");
  });

  test("reaches no listener of the host, at any of its addresses", async () => {
    const session = await network.create(nextName(), INTERNET);
    const port = await hostListener("0.0.0.0");
    const addresses = Object.values(networkInterfaces())
      .flatMap((list) => list ?? [])
      .filter(({ family }) => family === "IPv4")
      .map(({ address }) => address);
    expect(addresses).toContain(hostEnd(session));
    for (const address of addresses.filter((each) => !each.startsWith("127."))) {
      expect(await connect(session, address, port), address).toBe("nothing");
    }
    // Inside, 127.0.0.1 is the session's own.
    expect(await connect(session, "127.0.0.1", port)).toBe("refused");
  });

  test("reaches no other session", async () => {
    const [one, other] = await Promise.all([
      network.create(nextName(), INTERNET),
      network.create(nextName(), INTERNET),
    ]);
    expect(one.address).not.toBe(other.address);
    const listener = await listenerInside(other, "0.0.0.0", 8080);
    try {
      expect(await connect(one, other.address, 8080)).toBe("nothing");
    } finally {
      listener.stop();
    }
  });

  test.each(Object.entries(outsideAddresses))(
    "of the hosts that the worker reaches, %s: %s",
    async (address, outcome) => {
      const outside = await makeOutside();
      try {
        expect(await outside.connectFromHost(address)).toBe("hi");
        const session = await network.create(nextName(), INTERNET);
        expect(await connect(session, address, 8080)).toBe(outcome);
      } finally {
        outside.remove();
      }
    },
  );

  test("reaches a private address that the operator opened", async () => {
    const outside = await makeOutside();
    try {
      const session = await network.create(nextName(), INTERNET);
      await HostNetwork.start({ ...options, opened: ["10.99.7.2"] });
      expect(await connect(session, "10.99.7.2", 8080)).toBe("connected");
      await HostNetwork.start(options);
      expect(await connect(session, "10.99.7.2", 8080)).toBe("nothing");
    } finally {
      outside.remove();
    }
  });

  test("can't speak with an address that is not its own", async () => {
    const session = await network.create(nextName(), INTERNET);
    const namespace = session.namespacePath.replace("/run/netns/", "");
    const [server] = new Resolver().getServers();
    const port = 53;
    execFileSync("ip", ["-n", namespace, "addr", "add", "100.126.240.250/32", "dev", "eth0"]);
    const script = `const s = require("net").connect({ port: ${port}, host: ${JSON.stringify(server)}, localAddress: "100.126.240.250" });
      s.on("connect", () => { console.log("connected"); process.exit(); });
      s.on("error", () => {}); setTimeout(() => { console.log("nothing"); process.exit(); }, ${REFUSED_MS});`;
    const { stdout } = await promisify(execFile)("ip", [
      "netns",
      "exec",
      namespace,
      process.execPath,
      "-e",
      script,
    ]);
    expect(stdout.trim()).toBe("nothing");
  });

  test("has no IPv6", async () => {
    const session = await network.create(nextName(), INTERNET);
    const namespace = session.namespacePath.replace("/run/netns/", "");
    expect(execFileSync("ip", ["-n", namespace, "-6", "addr"]).toString()).toBe("");
  });
});

describe("a session without egress", () => {
  test("reaches not even a nameserver, and is reached by the worker", async () => {
    const session = await network.create(nextName(), NONE);
    expect(session.resolvConf).toBe("");
    const open = await network.create(nextName(), INTERNET);
    const server = /nameserver (\S+)/.exec(open.resolvConf)?.[1] ?? "";
    expect(await connect(session, server, 53)).toBe("nothing");
    const listener = await listenerInside(session, "0.0.0.0", 8080);
    try {
      expect(execFileSync("bash", ["-c", `cat < /dev/tcp/${session.address}/8080`]).toString()).toBe("hi");
    } finally {
      listener.stop();
    }
  });
});

describe("networks", () => {
  test("are created once, however often asked", async () => {
    const name = nextName();
    const [first, second] = await Promise.all([
      network.create(name, INTERNET),
      network.create(name, INTERNET),
    ]);
    expect(second).toEqual(first);
    expect(await network.list()).toEqual([name]);
  });

  test("are found by another worker process, which gives them no second address and nobody theirs", async () => {
    const name = nextName();
    const first = await network.create(name, INTERNET);
    const another = await HostNetwork.start(options);
    expect(await another.list()).toEqual([name]);
    expect(await another.create(name, INTERNET)).toEqual(first);
    const other = await another.create(nextName(), INTERNET);
    expect(other.address).not.toBe(first.address);
    const port = await hostListener("0.0.0.0");
    expect(await connect(first, hostEnd(first), port)).toBe("nothing");
  });

  test("that are half-made are made anew", async () => {
    const name = nextName();
    execFileSync("ip", ["netns", "add", names.namespacePrefix + name]);
    const session = await network.create(name, INTERNET);
    const listener = await listenerInside(session, "0.0.0.0", 8080);
    listener.stop();
  });

  test("leave nothing when removed, and removing twice is no error", async () => {
    const name = nextName();
    const { address } = await network.create(name, INTERNET);
    expect(execFileSync("nft", ["list", "table", "inet", names.table]).toString()).toContain(address);
    await network.remove(name);
    await network.remove(name);
    expect(await network.list()).toEqual([]);
    expect(execFileSync("ip", ["-o", "link"]).toString()).not.toContain(names.interfacePrefix);
    expect(execFileSync("nft", ["list", "table", "inet", names.table]).toString()).not.toContain(address);
  });

  test("refuse a name that is none", async () => {
    await expect(network.create("../x", INTERNET)).rejects.toMatchObject({ code: "network-failed" });
  });
});
