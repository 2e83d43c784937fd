import { afterAll, beforeAll, expect, test } from "vitest";
import type { BridgeNetwork } from "./bridge-network.ts";
import { type FakeUpstream, openUpstream, address as record } from "./dns/upstream-fixture.ts";
import { HostNetwork } from "./host-network.ts";
import { type AttachedNetwork, DEFAULT_END, type NetworkEnd, type SessionNetwork } from "./network.ts";
import {
  connect,
  connectFromWorker,
  INTERNET,
  type Listener,
  listenInside,
  makeOutside,
  type NetworkFixture,
  NOTHING_MS,
  type Outside,
  openNetworkFixture,
  resolveInside,
  reverseName,
  runInside,
} from "./network-fixture.ts";

/* Networks of a session's own, with packets. Each test goes on with the one session. */

const PUBLIC = "198.51.100.9";
const PORT = 8080;
const network = (id: number, changes: Partial<BridgeNetwork> = {}): BridgeNetwork => ({
  id: String(id).padStart(12, "0"),
  subnet: `172.${17 + id}.0.0/16`,
  gateway: `172.${17 + id}.0.1`,
  range: null,
  internal: false,
  ...changes,
});
const A = network(1);
const B = network(2, { subnet: "10.9.8.0/24", gateway: "10.9.8.254", range: "10.9.8.64/26" });
const SHUT = network(3, { internal: true });
const end = (of: BridgeNetwork | null, ...names: string[]): NetworkEnd => ({
  ...DEFAULT_END,
  network: of,
  names,
});

let fixture: NetworkFixture;
let upstream: FakeUpstream;
let outside: Outside;
let name: string;
let main: SessionNetwork;
const places = new Map<string, AttachedNetwork>();
const listeners: Listener[] = [];

async function attach(id: string, ...ends: NetworkEnd[]): Promise<AttachedNetwork> {
  const place = await fixture.network.attach(name, { id, names: [id], ends });
  if (!places.has(id)) listeners.push(await listenInside(place, "0.0.0.0", PORT));
  places.set(id, place);
  return place;
}
const place = (id: string) => places.get(id) as AttachedNetwork;
const address = (id: string, index = 0) => place(id).ends[index]?.address ?? "";
const goes = (from: string, to: string) => connect(place(from), address(to), PORT);
const goesNot = (from: string, to: string) => connect(place(from), address(to), PORT, NOTHING_MS);

beforeAll(async () => {
  upstream = await openUpstream((asked) => ({ answers: [record(asked, PUBLIC)] }));
  fixture = await openNetworkFixture("u", { nameservers: [upstream.nameserver] });
  outside = await makeOutside([PUBLIC]);
  name = fixture.nextName();
  main = await fixture.network.create(name, { ...INTERNET, hostNames: ["main"] });
  listeners.push(await listenInside(main, "0.0.0.0", PORT));
  await attach("onA", end(A, "onA", "shop"));
  await attach("alsoA", end(A, "alsoA"));
  await attach("onB", end(B, "onB", "shop"));
  await attach("plain", end(null));
  await attach("shut", end(SHUT, "shut"));
});
afterAll(async () => {
  for (const listener of listeners) listener.stop();
  outside.remove();
  upstream.close();
  await fixture.close();
});

test("who shares a network reaches each other; between networks and the default bridge nothing passes", async () => {
  expect([address("onA"), address("alsoA"), address("onB")]).toEqual([
    "172.18.0.2",
    "172.18.0.3",
    "10.9.8.64",
  ]);
  expect(await goes("onA", "alsoA")).toBe("connected");
  for (const [from, to] of [
    ["onA", "onB"],
    ["onB", "onA"],
    ["onA", "plain"],
    ["plain", "onA"],
    ["onA", "shut"],
    ["shut", "onA"],
  ] as const) {
    expect([from, to, await goesNot(from, to)]).toEqual([from, to, expect.stringMatching(/refused|nothing/)]);
  }
});

test("names are those of a shared network, the default bridge has none, and the main container finds all", async () => {
  expect(await resolveInside(place("alsoA"), "shop")).toEqual([address("onA")]);
  expect(await resolveInside(place("alsoA"), reverseName(address("onA")), "PTR")).toEqual([
    "onA.slipway.internal",
  ]);
  expect(await resolveInside(place("alsoA"), "onB")).toBe("ENOTFOUND");
  expect(await resolveInside(place("plain"), "onA")).toBe("ENOTFOUND");
  expect(await resolveInside(place("onA"), "plain")).toBe("ENOTFOUND");
  expect(await resolveInside(main, "plain")).toEqual([address("plain")]);
  expect(new Set((await resolveInside(main, "shop")) as string[])).toEqual(
    new Set([address("onA"), address("onB")]),
  );
  for (const each of [place("onA"), place("plain"), place("shut")]) {
    expect(await resolveInside(each, "main")).toEqual([main.address]);
    expect(await connect(each, main.address, PORT)).toBe("connected");
  }
  for (const id of places.keys()) expect(await connect(main, address(id), PORT)).toBe("connected");
});

test("the outside is reached but from an internal network, and from nowhere a private range or a port of the worker", async () => {
  for (const id of ["onA", "onB", "plain"]) {
    expect(await connect(place(id), PUBLIC, PORT)).toBe("connected");
    expect(await connect(place(id), "10.99.7.2", PORT)).toBe("refused");
    expect(await resolveInside(place(id), "web.example")).toEqual([PUBLIC]);
  }
  expect(await connect(place("shut"), PUBLIC, PORT, NOTHING_MS)).toBe("nothing");
  expect(await resolveInside(place("shut"), "web.example")).toBe("ENOTFOUND");
  expect(await resolveInside(place("shut"), "shut")).toEqual([address("shut")]);
});

test("a container joins and leaves while it runs: it keeps its address, and reaches both as long as it is in both", async () => {
  const before = address("onA");
  await attach("onA", end(A, "onA", "shop"), end(B, "onA"));
  expect([address("onA"), address("onA", 1)]).toEqual([before, "10.9.8.65"]);
  expect(await goes("onA", "onB")).toBe("connected");
  expect(await connect(place("onB"), address("onA", 1), PORT)).toBe("connected");
  expect(await goes("onA", "alsoA")).toBe("connected");
  expect(await goesNot("alsoA", "onB")).not.toBe("connected");
  expect(await resolveInside(place("onA"), "onB")).toEqual([address("onB")]);
  await attach("onA", end(B, "onA"));
  expect(await runInside(place("onA"), ["ip", "-o", "-4", "addr"])).not.toContain(before);
  expect(await goesNot("onA", "alsoA")).not.toBe("connected");
  expect(await goes("onA", "onB")).toBe("connected");
  expect(await connect(place("onA"), PUBLIC, PORT)).toBe("connected");
  await attach("onA");
  expect(await runInside(place("onA"), ["ip", "-o", "link"])).not.toContain("eth");
  await attach("onA", end(A, "onA", "shop"));
  expect(await goes("onA", "alsoA")).toBe("connected");
});

test("a port leads to a container in any network, from the main container, from outside and from other networks", async () => {
  await fixture.network.forward(name, [
    { protocol: "tcp", hostPort: 9000, hostAddress: "0.0.0.0", address: address("onB"), port: PORT },
    { protocol: "tcp", hostPort: 9001, hostAddress: "127.0.0.1", address: address("onB"), port: PORT },
  ]);
  expect(await connect(main, "127.0.0.1", 9000)).toBe("connected");
  expect(await connect(main, "127.0.0.1", 9001)).toBe("connected");
  expect(await connectFromWorker(main.address, 9000)).toBe("hi");
  for (const id of ["onA", "onB", "plain"])
    expect(await connect(place(id), main.address, 9000)).toBe("connected");
  expect(await connect(place("shut"), main.address, 9000)).toBe("refused");
});

test("an address that is asked for is given, and refused when it is another's, the gateway or outside of the subnet", async () => {
  const asking = (wanted: string) =>
    fixture.network.attach(name, {
      id: "asks",
      names: [],
      ends: [{ ...end(B), address: wanted }],
    });
  expect((await asking("10.9.8.7")).ends).toEqual([{ network: B.id, address: "10.9.8.7" }]);
  for (const wanted of [address("onB"), B.gateway, "10.9.9.7", "10.9.8.255"]) {
    await expect(asking(wanted)).rejects.toMatchObject({ code: "container-refused" });
  }
  await fixture.network.detach(name, "asks");
});

test("a worker that comes back finds networks, addresses and names, and a bridge goes with its last container", async () => {
  fixture.network.close();
  const next = await HostNetwork.start(fixture.options);
  try {
    const same = { id: "onA", names: ["onA"], ends: [end(A, "onA", "shop")] };
    expect(await next.attach(name, same)).toEqual(place("onA"));
    expect(await goes("onA", "alsoA")).toBe("connected");
    expect(await goesNot("onA", "onB")).not.toBe("connected");
    const more = await next.attach(name, { id: "more", names: [], ends: [end(A)] });
    expect(more.ends[0]?.address).toBe("172.18.0.4");
    await next.detach(name, "onB");
    const bridges = await runInside(main, ["ip", "-o", "link", "show", "type", "bridge"]);
    expect(bridges).toContain("br-000000000001");
    expect(bridges).not.toContain("br-000000000002");
    await next.remove(name);
    expect(await next.list()).toEqual([]);
  } finally {
    next.close();
  }
});
