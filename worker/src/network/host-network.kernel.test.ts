import { execFileSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { MAX_CONTAINERS } from "./address-pool.ts";
import { HostNetwork } from "./host-network.ts";
import {
  connect,
  connectFromWorker,
  INTERNET,
  listenInside,
  type NetworkFixture,
  NONE,
  openNetworkFixture,
  resolveInside,
  runInside,
} from "./network-fixture.ts";

let fixture: NetworkFixture;

beforeAll(async () => {
  fixture = await openNetworkFixture("h");
});

afterEach(() => fixture.clear());

afterAll(async () => {
  await fixture.close();
  expect(leftOvers()).toEqual([]);
});

const lines = (program: string, ...args: string[]): string[] =>
  execFileSync(program, args).toString().split("\n");

/** Everything on this machine that bears a name or an address of this test. */
function leftOvers(): string[] {
  const { names, pool } = fixture.options;
  const prefix = pool.split(".").slice(0, 3).join(".");
  const ours = [names.table, names.namespacePrefix, names.interfacePrefix, `${prefix}.`];
  return [
    ...lines("ip", "-o", "link"),
    ...lines("ip", "-o", "address"),
    ...lines("ip", "route"),
    ...lines("nft", "list", "tables"),
    ...readdirSync("/run"),
    ...readdirSync("/run/netns"),
  ].filter((line) => ours.some((name) => line.includes(name)));
}

describe("a network", () => {
  test("is made once, however often asked", async () => {
    const { network, nextName } = fixture;
    const name = nextName();
    const [first, second] = await Promise.all([
      network.create(name, INTERNET),
      network.create(name, INTERNET),
    ]);
    expect({ ...second, traffic: null }).toEqual({ ...first, traffic: null });
    expect(await network.list()).toEqual([name]);
  });

  test("is reached by the worker at its address", async () => {
    const session = await fixture.network.create(fixture.nextName(), NONE);
    const listener = await listenInside(session, "0.0.0.0", 8080);
    try {
      expect(await connectFromWorker(session.address, 8080)).toBe("hi");
    } finally {
      listener.stop();
    }
  });

  // Chromium gives up the connections that it is opening when this machine gets or loses an address.
  test("that comes and goes changes no address of this machine", async () => {
    const addresses = () => lines("ip", "-o", "address").filter((line) => !line.includes(" lo "));
    const { network, nextName } = fixture;
    const name = nextName();
    const before = addresses();
    await network.create(name, INTERNET);
    await network.attach(name, { id: "c1", names: ["web"] });
    expect(addresses()).toEqual(before);
    await network.remove(name);
    expect(addresses()).toEqual(before);
  });

  test("is found by another worker process, which gives it no second address and nobody its own", async () => {
    const { network, nextName, options } = fixture;
    const name = nextName();
    const first = await network.create(name, { ...INTERNET, hostNames: ["main"] });
    const container = await network.attach(name, { id: "c1", names: ["web"] });
    const another = await HostNetwork.start(options);
    try {
      expect(await another.list()).toEqual([name]);
      expect(await another.create(name, { ...INTERNET, hostNames: ["main"] })).toMatchObject({
        address: first.address,
        namespacePath: first.namespacePath,
      });
      expect(await another.attach(name, { id: "c1", names: ["web"] })).toEqual(container);
      const other = await another.create(nextName(), INTERNET);
      expect(other.address).not.toBe(first.address);
      const next = await another.attach(name, { id: "c2", names: ["db"] });
      expect(next.address).not.toBe(container.address);
    } finally {
      another.close();
    }
  });

  test("that is half-made is made anew", async () => {
    const { network, nextName, options } = fixture;
    const name = nextName();
    execFileSync("ip", ["netns", "add", options.names.namespacePrefix + name]);
    const session = await network.create(name, NONE);
    const listener = await listenInside(session, "0.0.0.0", 8080);
    listener.stop();
  });

  test("leaves nothing when it is removed, and removing twice is no error", async () => {
    const { network, nextName, options } = fixture;
    const before = leftOvers();
    const name = nextName();
    const session = await network.create(name, { ...INTERNET, bytesPerSecond: 1_000_000 });
    await network.attach(name, { id: "c1", names: ["web"] });
    expect(leftOvers().length).toBeGreaterThan(before.length);
    await network.remove(name);
    await network.remove(name);
    expect(await network.list()).toEqual([]);
    expect(leftOvers()).toEqual(before);
    expect(existsSync(session.namespacePath)).toBe(false);
    expect(execFileSync("nft", ["list", "table", "inet", options.names.table]).toString()).not.toContain(
      session.address,
    );
  });

  test.each(["../x", "", "A", "a b", "x".repeat(33), "x;reboot"])("refuses the name %j", async (name) => {
    await expect(fixture.network.create(name, NONE)).rejects.toMatchObject({ code: "network-failed" });
  });

  test("of another Slipway whose names begin with ours is not ours", async () => {
    const { network, options } = fixture;
    const foreign = `${options.names.namespacePrefix}other-abc`;
    execFileSync("ip", ["netns", "add", foreign]);
    try {
      expect(await network.list()).toEqual([]);
    } finally {
      execFileSync("ip", ["netns", "del", foreign]);
    }
  });

  test("has ::1 inside and no other IPv6 address, on uplink, bridge and containers", async () => {
    const { network, nextName } = fixture;
    const name = nextName();
    const session = await network.create(name, INTERNET);
    const container = await network.attach(name, { id: "c1", names: [] });
    for (const inside of [session, container]) {
      const addresses = (await runInside(inside, ["ip", "-6", "-o", "addr"])).split("\n");
      expect(addresses).toHaveLength(1);
      expect(addresses[0]).toContain(" ::1/128 ");
      const listener = await listenInside(inside, "::1", 8080);
      try {
        expect(await connect(inside, "::1", 8080)).toBe("connected");
      } finally {
        listener.stop();
      }
    }
  });
});

describe("further containers", () => {
  test("reach each other and the main one and are reached by the worker, by address; the main one knows their names", async () => {
    const { network, nextName } = fixture;
    const name = nextName();
    const main = await network.create(name, { ...NONE, hostNames: ["main"] });
    const [web, db] = await Promise.all([
      network.attach(name, { id: "c1", names: ["web", "front"] }),
      network.attach(name, { id: "c2", names: ["db"] }),
    ]);
    const listeners = await Promise.all([main, web, db].map((each) => listenInside(each, "0.0.0.0", 8080)));
    try {
      for (const from of [main, web, db]) {
        for (const to of [main, web, db]) {
          expect(await connect(from, to.address, 8080)).toBe("connected");
        }
        expect(await resolveInside(from, "main")).toEqual([main.address]);
      }
      expect(await resolveInside(main, "WEB")).toEqual([web.address]);
      expect(await resolveInside(main, "front.slipway.internal")).toEqual([web.address]);
      expect(await resolveInside(db, "web")).toBe("ENOTFOUND");
      for (const { address } of [main, web, db]) expect(await connectFromWorker(address, 8080)).toBe("hi");
    } finally {
      for (const listener of listeners) listener.stop();
    }
  });

  test("that are detached are gone, and their address is given again", async () => {
    const { network, nextName } = fixture;
    const name = nextName();
    const main = await network.create(name, NONE);
    const first = await network.attach(name, { id: "c1", names: ["web"] });
    await network.detach(name, "c1");
    await network.detach(name, "c1");
    expect(existsSync(first.namespacePath)).toBe(false);
    expect(await resolveInside(main, "web")).toBe("ENOTFOUND");
    expect(await runInside(main, ["ip", "-o", "link"])).not.toContain("port0");
    expect((await network.attach(name, { id: "c2", names: [] })).address).toBe(first.address);
  });

  test("are as many as the subnet has addresses, and the next one hears that", async () => {
    const { network, nextName } = fixture;
    const name = nextName();
    await network.create(name, NONE);
    const ids = Array.from({ length: MAX_CONTAINERS }, (_, index) => `c${index}`);
    const all = await Promise.all(ids.map((id) => network.attach(name, { id, names: [id] })));
    expect(new Set(all.map(({ address }) => address)).size).toBe(MAX_CONTAINERS);
    await expect(network.attach(name, { id: "more", names: [] })).rejects.toMatchObject({
      code: "worker-full",
    });
  });

  test("find a place that was made ahead, once, also after a kill, and it goes with the network", async () => {
    const { network, nextName, options } = fixture;
    const name = nextName();
    const main = await network.create(name, NONE);
    await network.prepare(name);
    const web = await network.attach(name, { id: "c1", names: ["web"] });
    await network.prepare(name);
    await network.prepare(name);
    const places = () => readdirSync("/run/netns").filter((file) => file.includes(`${name}.`)).length;
    expect(places()).toBe(2);
    const db = await network.attach(name, { id: "c2", names: ["db"] });
    expect(places()).toBe(2);
    const listener = await listenInside(db, "0.0.0.0", 8080);
    try {
      expect(await connect(web, db.address, 8080)).toBe("connected");
      expect(await resolveInside(main, "db")).toEqual([db.address]);
    } finally {
      listener.stop();
    }
    await network.prepare(name);
    const another = await HostNetwork.start(options);
    try {
      const third = await another.attach(name, { id: "c3", names: [] });
      expect(new Set([web, db, third].map(({ address }) => address)).size).toBe(3);
      await another.prepare(name);
      await another.remove(name);
      expect(places()).toBe(0);
    } finally {
      another.close();
    }
  });

  test("need a network, an id and names that are such", async () => {
    const { network, nextName } = fixture;
    const name = nextName();
    await expect(network.attach(name, { id: "c1", names: [] })).rejects.toMatchObject({
      code: "network-failed",
    });
    await network.create(name, NONE);
    for (const container of [
      { id: "../x", names: [] },
      { id: "c1", names: ["a b"] },
      { id: "c1", names: ["x'y"] },
    ]) {
      await expect(network.attach(name, container)).rejects.toMatchObject({ code: "network-failed" });
    }
  });
});
