import { RECURSION_AVAILABLE } from "dns-packet";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { address, type FakeUpstream, openUpstream, type Say } from "./dns/upstream-fixture.ts";
import { HostNetwork } from "./host-network.ts";
import type { SessionNetwork } from "./network.ts";
import {
  connect,
  INTERNET,
  makeOutside,
  type NetworkFixture,
  NONE,
  openNetworkFixture,
  PACKAGES,
  resolveInside,
  reverseName,
  scriptInside,
} from "./network-fixture.ts";

let upstream: FakeUpstream;
let fixture: NetworkFixture;

/** 192.0.2.0/24 is for documentation (RFC 5737), and not refused. */
const PUBLIC = "198.51.100.9";
const plain: Say = (name, type) => ({ answers: type === "A" ? [address(name, PUBLIC)] : [] });

beforeAll(async () => {
  upstream = await openUpstream(plain);
  fixture = await openNetworkFixture("d", {
    nameservers: [upstream.nameserver],
    packageHosts: ["packages.example", "*.mirror.example"],
  });
});

beforeEach(() => {
  upstream.say = plain;
  upstream.forge = () => [];
  upstream.asked.length = 0;
});

afterEach(() => fixture.clear());

afterAll(async () => {
  await fixture.close();
  upstream.close();
});

const session = (policy = INTERNET): Promise<SessionNetwork> =>
  fixture.network.create(fixture.nextName(), policy);

/** What was asked outside, but for what an earlier test left unanswered. */
const asked = () => upstream.asked.filter((question) => !question.startsWith("hung"));

const serverOf = ({ resolvConf }: SessionNetwork) => /nameserver (\S+)/.exec(resolvConf)?.[1] ?? "";

describe("names of a session", () => {
  test("are its own: another session does not find them, and they are never asked outside", async () => {
    const { network, nextName } = fixture;
    const name = nextName();
    const one = await network.create(name, { ...INTERNET, hostNames: ["one-main"] });
    const web = await network.attach(name, { id: "c1", names: ["web", "shop.example"] });
    const other = await session();
    expect(await resolveInside(one, "web")).toEqual([web.address]);
    expect(await resolveInside(one, "shop.example")).toEqual([web.address]);
    expect(await resolveInside(one, "web", "AAAA")).toBe("ENODATA");
    for (const secret of ["web", "one-main", "web.slipway.internal"]) {
      expect(await resolveInside(other, secret)).toBe("ENOTFOUND");
    }
    expect(asked()).toEqual([]);
  });

  test("are found by address, and those of others are not", async () => {
    const { network, nextName } = fixture;
    const name = nextName();
    const one = await network.create(name, { ...INTERNET, hostNames: ["main"] });
    const web = await network.attach(name, { id: "c1", names: ["web"] });
    const other = await session();
    expect(await resolveInside(one, reverseName(web.address), "PTR")).toEqual(["web.slipway.internal"]);
    expect(await resolveInside(one, reverseName(one.address), "PTR")).toEqual(["main.slipway.internal"]);
    expect(await resolveInside(other, reverseName(web.address), "PTR")).toBe("ENOTFOUND");
    expect(await resolveInside(other, reverseName("10.0.0.1"), "PTR")).toBe("ENOTFOUND");
    expect(asked()).toEqual([]);
  });

  test("of several containers are all of their addresses", async () => {
    const { network, nextName } = fixture;
    const name = nextName();
    const main = await network.create(name, NONE);
    const all = await Promise.all(["c1", "c2"].map((id) => network.attach(name, { id, names: ["pool"] })));
    const found = await resolveInside(main, "pool");
    expect(new Set(found as string[])).toEqual(new Set(all.map((each) => each.address)));
  });

  test("are answered while the nameservers outside are silent", async () => {
    upstream.say = () => null;
    const { network, nextName } = fixture;
    const name = nextName();
    const main = await network.create(name, { ...INTERNET, hostNames: ["main"] });
    const script = `const r = new (require("dns").promises.Resolver)({ timeout: 8000, tries: 1 });
      r.setServers([${JSON.stringify(serverOf(main))}]);
      const hung = Array.from({ length: 60 }, (_, i) => r.resolve4("hung" + i + ".example").catch(() => {}));
      r.resolve4("main").then((a) => { console.log(JSON.stringify(a)); process.exit(); });`;
    expect(JSON.parse(await scriptInside(main, script))).toEqual([main.address]);
  });
});

describe("other names", () => {
  test("are asked outside, over TCP where the answer is long", async () => {
    const one = await session();
    expect(await resolveInside(one, "Web.example")).toEqual([PUBLIC]);
    upstream.say = (name) => ({
      answers: Array.from({ length: 120 }, (_, index) => address(name, `198.51.100.${index}`)),
    });
    expect(await resolveInside(one, "long.example")).toHaveLength(120);
  });

  test("that do not exist, do not exist", async () => {
    upstream.say = () => ({ flags: RECURSION_AVAILABLE | 3 });
    expect(await resolveInside(await session(), "no.example")).toBe("ENOTFOUND");
  });

  test("have no IPv6 address, and nobody is asked for one", async () => {
    expect(await resolveInside(await session(), "web.example", "AAAA")).toBe("ENODATA");
    expect(asked()).toEqual([]);
  });

  test("fail when nobody outside answers, and work again when somebody does", async () => {
    upstream.say = () => null;
    const one = await session();
    expect(await resolveInside(one, "web.example")).toMatch(/ESERVFAIL|ETIMEOUT/);
    upstream.say = plain;
    expect(await resolveInside(one, "web.example")).toEqual([PUBLIC]);
  });

  test.each([
    "10.0.0.1",
    "127.0.0.1",
    "169.254.169.254",
    "172.16.0.1",
    "192.168.1.1",
    "100.64.0.1",
    "0.0.0.0",
    "224.0.0.1",
    "255.255.255.255",
  ])("that lead to %s lead nowhere (DNS rebinding)", async (refused) => {
    upstream.say = (name) => ({ answers: [address(name, refused)] });
    const one = await session();
    expect(await resolveInside(one, "rebind.example")).toBe("ENODATA");
    upstream.say = (name) => ({ answers: [address(name, refused), address(name, PUBLIC)] });
    expect(await resolveInside(one, "both.example")).toEqual([PUBLIC]);
  });

  test("that lead to a neighbour or to the worker's ends lead nowhere", async () => {
    const [one, neighbour] = await Promise.all([session(), session()]);
    for (const target of [neighbour.address, serverOf(one)]) {
      upstream.say = (name) => ({ answers: [address(name, target)] });
      expect(await resolveInside(one, "rebind.example")).toBe("ENODATA");
    }
  });

  test("are not poisoned by answers with another id, another question or another sender", async () => {
    upstream.forge = (right) => [
      { ...right, id: ((right.id ?? 0) + 1) % 65_536, answers: [address("web.example", "203.0.113.66")] },
      {
        ...right,
        questions: [{ name: "bank.example", type: "A" }],
        answers: [address("web.example", "203.0.113.66")],
      },
    ];
    const one = await session();
    expect(await resolveInside(one, "web.example")).toEqual([PUBLIC]);
    // A container that sprays answers, as if it were the nameserver, at the ports that the worker asks from.
    const spray = `const s = require("dgram").createSocket("udp4"); let sent = 0;
      const forged = Buffer.alloc(40); let left = 4000;
      for (let port = 32768; port < 36768; port++) s.send(forged, port, ${JSON.stringify(serverOf(one))}, () => { if (--left === 0) { console.log("done"); s.close(); } });`;
    expect(await scriptInside(one, spray)).toBe("done");
    expect(await resolveInside(one, "web.example")).toEqual([PUBLIC]);
  });
});

describe("policies", () => {
  test("none: only names of the session, and nobody is asked", async () => {
    const one = await session({ ...NONE, hostNames: ["main"] });
    expect(await resolveInside(one, "main")).toEqual([one.address]);
    expect(await resolveInside(one, "web.example")).toBe("ENOTFOUND");
    expect(asked()).toEqual([]);
  });

  test("packages-only: names of the list, and the addresses that they have, on two ports", async () => {
    const outside = await makeOutside([PUBLIC, "198.51.100.10"], [80, 8080]);
    try {
      const one = await session(PACKAGES);
      expect(await connect(one, PUBLIC, 80)).toBe("refused");
      for (const refused of ["web.example", "packages.example.evil.example", "mirror.example"]) {
        expect(await resolveInside(one, refused)).toBe("ENOTFOUND");
      }
      expect(asked()).toEqual([]);
      expect(await resolveInside(one, "packages.example")).toEqual([PUBLIC]);
      expect(await resolveInside(one, "deb.mirror.example")).toEqual([PUBLIC]);
      expect(await connect(one, PUBLIC, 80)).toBe("connected");
      expect(await connect(one, PUBLIC, 8080)).toBe("refused");
      expect(await connect(one, "198.51.100.10", 80)).toBe("refused");
      // What opened for one policy opens nothing for another.
      expect(await connect(await session(NONE), PUBLIC, 80)).toBe("refused");
    } finally {
      outside.remove();
    }
  });

  test("packages-only: a package host that leads to a private address opens nothing", async () => {
    upstream.say = (name) => ({ answers: [address(name, "10.99.7.2")] });
    const outside = await makeOutside([], [80]);
    try {
      const one = await session(PACKAGES);
      expect(await resolveInside(one, "packages.example")).toBe("ENODATA");
      expect(await connect(one, "10.99.7.2", 80)).toBe("refused");
    } finally {
      outside.remove();
    }
  });

  test("can be changed, and hold from then on", async () => {
    const { network, nextName } = fixture;
    const name = nextName();
    const before = await network.create(name, INTERNET);
    expect(await resolveInside(before, "web.example")).toEqual([PUBLIC]);
    const after = await network.create(name, NONE);
    expect(after.address).toBe(before.address);
    expect(await resolveInside(after, "web.example")).toBe("ENOTFOUND");
    const outside = await makeOutside([PUBLIC]);
    try {
      expect(await connect(after, PUBLIC, 8080)).toBe("refused");
      await network.create(name, INTERNET);
      expect(await connect(after, PUBLIC, 8080)).toBe("connected");
    } finally {
      outside.remove();
    }
  });
});

test("a flood of questions by one session neither slows another's names nor reaches the host's nameservers as one", async () => {
  const { network, nextName } = fixture;
  const [flooder, quietName] = [await session(), nextName()];
  const quiet = await network.create(quietName, { ...INTERNET, hostNames: ["quiet"] });
  const begun = performance.now();
  const flood = scriptInside(
    flooder,
    `const s = require("dgram").createSocket("udp4"); const { randomBytes } = require("crypto");
    const until = Date.now() + 3000; let sent = 0;
    const question = () => { const label = randomBytes(8).toString("hex");
      return Buffer.concat([randomBytes(2), Buffer.from([1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 16]), Buffer.from(label), Buffer.from([7]), Buffer.from("example"), Buffer.from([0, 0, 1, 0, 1])]); };
    (function more() { for (let i = 0; i < 100; i++) { s.send(question(), 53, ${JSON.stringify(serverOf(flooder))}); sent++; }
      if (Date.now() < until) setImmediate(more); else { console.log(sent); process.exit(); } })();`,
  );
  await new Promise((resolve) => setTimeout(resolve, 500));
  for (let turn = 0; turn < 3; turn++) {
    expect(await resolveInside(quiet, "quiet")).toEqual([quiet.address]);
    expect(await resolveInside(quiet, "web.example")).toEqual([PUBLIC]);
  }
  const sent = Number(await flood);
  const seconds = (performance.now() - begun) / 1_000;
  // 200 a second and as many at once, each asked three times at most.
  expect(upstream.asked.length).toBeLessThan(200 * (seconds + 1) * 3);
  expect(sent).toBeGreaterThan(0);
  expect(await resolveInside(flooder, "web.example")).toEqual([PUBLIC]);
});

test("a session that holds connections to the resolver keeps nobody else from one", async () => {
  const [greedy, other] = await Promise.all([session(), session()]);
  upstream.say = (name) => ({
    answers: Array.from({ length: 120 }, (_, index) => address(name, `198.51.100.${index}`)),
  });
  const held = scriptInside(
    greedy,
    `for (let i = 0; i < 200; i++) require("net").connect(53, ${JSON.stringify(serverOf(greedy))}).on("error", () => {});
    setTimeout(() => { console.log("held"); process.exit(); }, 2500);`,
  );
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(await resolveInside(other, "long.example")).toHaveLength(120);
  await held;
});

test("while no worker runs lookups fail at once, and the next one answers with the names that there were", async () => {
  const own = await openNetworkFixture("r", { nameservers: [upstream.nameserver] });
  try {
    const name = own.nextName();
    const main = await own.network.create(name, { ...NONE, hostNames: ["main"] });
    const web = await own.network.attach(name, { id: "c1", names: ["web"] });
    expect(await resolveInside(main, "web")).toEqual([web.address]);
    own.network.close();
    expect(await resolveInside(main, "web")).toBe("ECONNREFUSED");
    const next = await HostNetwork.start(own.options);
    expect(await resolveInside(main, "web")).toEqual([web.address]);
    expect(await resolveInside(main, "main")).toEqual([main.address]);
    expect(await resolveInside(main, "web.example")).toBe("ENOTFOUND");
    next.close();
  } finally {
    await own.close();
  }
});
