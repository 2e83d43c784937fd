import { execFileSync } from "node:child_process";
import { afterEach, beforeEach, expect, test } from "vitest";
import { runProgram } from "../process/program.ts";
import { admitThroughDocker, leaveDocker, type Run } from "./docker-user.ts";
import { connect, type Listener, listenInside, NOTHING_MS } from "./network-fixture.ts";

/** Two namespaces and a router between them, all of this test: the router has the firewall. */
const names = ["a", "router", "b"].map((part) => `slipway-fw${process.pid}-${part}`);
const [left = "", router = "", right = ""] = names;
const PREFIX = "swfw-";
let warnings: string[] = [];

const run: Run = ([program, ...args]) => runProgram(["ip", "netns", "exec", router, program, ...args]);
const inside = (namespace: string, ...command: string[]) =>
  execFileSync("ip", ["netns", "exec", namespace, ...command], {
    stdio: ["ignore", "pipe", "ignore"],
  }).toString();
const iptables = (...args: string[]) => inside(router, "iptables", "-w", ...args);
const warn = (sentence: string) => void warnings.push(sentence);

const at = (namespace: string) => ({ namespacePath: `/run/netns/${namespace}` });
let listeners: Listener[] = [];

/** The left one, which stands for a session, asks the right one. */
const reach = (waitMs?: number) => connect(at(left), "10.2.0.2", 8080, waitMs);

beforeEach(async () => {
  warnings = [];
  const script = `set -e
    for n in ${names.join(" ")}; do ip netns add $n; ip -n $n link set lo up; done
    ip -n ${router} link add ${PREFIX}1 type veth peer name eth0 netns ${left}
    ip -n ${router} link add out0 type veth peer name eth0 netns ${right}
    ip -n ${router} addr add 10.1.0.1/24 dev ${PREFIX}1; ip -n ${router} addr add 10.2.0.1/24 dev out0
    ip -n ${router} link set ${PREFIX}1 up; ip -n ${router} link set out0 up
    ip -n ${left} addr add 10.1.0.2/24 dev eth0; ip -n ${right} addr add 10.2.0.2/24 dev eth0
    ip -n ${left} link set eth0 up; ip -n ${right} link set eth0 up
    ip -n ${left} route add default via 10.1.0.1; ip -n ${right} route add default via 10.2.0.1
    ip netns exec ${router} sh -c 'echo 1 > /proc/sys/net/ipv4/ip_forward'`;
  execFileSync("sh", ["-c", script]);
  listeners = await Promise.all([left, right].map((name) => listenInside(at(name), "0.0.0.0", 8080)));
});

afterEach(() => {
  for (const listener of listeners) listener.stop();
  for (const name of names) execFileSync("ip", ["netns", "del", name]);
});

test("where Docker drops what is forwarded, sessions get through, once, and the rules go again", async () => {
  iptables("-P", "FORWARD", "DROP");
  iptables("-N", "DOCKER-USER");
  iptables("-A", "FORWARD", "-j", "DOCKER-USER");
  iptables("-A", "DOCKER-USER", "-j", "RETURN");
  const before = iptables("-S");
  expect(await reach(NOTHING_MS)).toBe("nothing");
  await admitThroughDocker(PREFIX, warn, run);
  expect(await reach()).toBe("connected");
  const admitted = iptables("-S");
  await admitThroughDocker(PREFIX, warn, run);
  expect(iptables("-S")).toBe(admitted);
  // Nobody from outside gets in that way.
  expect(await connect(at(right), "10.1.0.2", 8080, NOTHING_MS)).toBe("nothing");
  await leaveDocker(PREFIX, run);
  expect(iptables("-S")).toBe(before);
  expect(warnings).toEqual([]);
});

test("where another firewall drops it, the operator is told which interfaces to let through", async () => {
  iptables("-P", "FORWARD", "DROP");
  await admitThroughDocker(PREFIX, warn, run);
  expect(warnings).toHaveLength(1);
  expect(warnings[0]).toContain(`${PREFIX}*`);
});

test("where nothing is dropped, nothing is changed or said", async () => {
  const before = inside(router, "nft", "list", "ruleset");
  await admitThroughDocker(PREFIX, warn, run);
  await leaveDocker(PREFIX, run);
  expect(await reach()).toBe("connected");
  expect(inside(router, "nft", "list", "ruleset")).toBe(before);
  expect(warnings).toEqual([]);
});
