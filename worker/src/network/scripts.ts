import { createHash } from "node:crypto";
import { readdir } from "node:fs/promises";
import path from "node:path";
import type { EgressPolicy } from "@slipway/protocol";
import { BRIDGE_PREFIX, type SubnetAddresses, UPLINK_PREFIX } from "./address-pool.ts";
import type { PortForward } from "./network.ts";
import { EGRESS_GROUPS, type NetworkNames } from "./rules.ts";

/** Where ip-netns(8) keeps named namespaces. */
export const NAMESPACES = "/run/netns";
const LINKS = "/sys/class/net";
/** Longest name of an interface, bytes (IFNAMSIZ without its final zero). */
const LINK_NAME_BYTES = 15;
/** Of a session's bridge, in its host namespace. */
const BRIDGE = "bridge0";
/** Of published ports, in its host namespace. */
const PORTS_TABLE = "slipway-ports";

/** Hardware addresses of the two ends of every uplink, locally administered. Each uplink is a segment of its own. */
const WORKER_END = "02:53:57:00:00:01";
const SESSION_END = "02:53:57:00:00:02";

/** What a token bucket may let through at once: a twentieth of a second's bytes, and not less than a large segment. */
const BURST_SECONDS = 0.05;
const LEAST_BURST_BYTES = 128 * 1024;
/** What tc-htb(8) would derive from the rate, with a warning in the kernel's log; with one class it does nothing. */
const QUANTUM_BYTES = 60_000;
/** What waits behind it before packets are dropped, in time. */
const QUEUE_MS = 200;

/**
 * Settings of every namespace of a session, below /proc/sys/net; one that the kernel does not have is left out. As Docker
 * sets them: the container's root, an unprivileged id outside, listens on port 80 and sends pings. No interface has IPv6 but
 * loopback, which keeps ::1.
 */
const SETTINGS = [
  ["ipv6/conf/default/disable_ipv6", "1"],
  ["ipv6/conf/eth0/disable_ipv6", "1"],
  ["ipv4/ip_unprivileged_port_start", "0"],
  ["ipv4/ping_group_range", "0 2147483647"],
] as const;

/** The name of the worker's end of a session's uplink: the prefix, and as much of the name's digest as fits. */
export function linkName(names: NetworkNames, name: string): string {
  const digest = createHash("sha256").update(name).digest("hex");
  return (names.interfacePrefix + digest).slice(0, LINK_NAME_BYTES);
}

/** Names of all interfaces of the worker's namespace with our prefix. */
export async function ourLinks(names: NetworkNames): Promise<Set<string>> {
  const links = await readdir(LINKS);
  return new Set(links.filter((link) => link.startsWith(names.interfacePrefix)));
}

/** Names of all namespaces with our prefix, without it: `<network>` or `<network>.<slot>`. */
export async function ourNamespaces(names: NetworkNames): Promise<string[]> {
  const found: string[] = await readdir(NAMESPACES).catch(() => []);
  return found
    .filter((name) => name.startsWith(names.namespacePrefix))
    .map((name) => name.slice(names.namespacePrefix.length));
}

export const namespacePath = (names: NetworkNames, name: string): string =>
  path.join(NAMESPACES, names.namespacePrefix + name);

export const burstBytes = (bytesPerSecond: number): number =>
  Math.max(LEAST_BURST_BYTES, Math.floor(bytesPerSecond * BURST_SECONDS));

export interface Uplink {
  readonly namespace: string;
  readonly link: string;
  readonly addresses: SubnetAddresses;
  readonly egress: EgressPolicy;
  readonly bytesPerSecond: number;
}

/**
 * A shell script that makes a host namespace with its uplink. Neighbours are written down on both ends and ARP is off, so
 * nothing that is sent over the uplink fills the worker's table of neighbours.
 */
export function creation({ namespace, link, addresses, egress, bytesPerSecond }: Uplink): string {
  const { host, session, containers } = addresses;
  return script([
    batch([
      `netns add ${namespace}`,
      `link add ${link} address ${WORKER_END} group ${EGRESS_GROUPS[egress]} type veth peer name eth0 address ${SESSION_END} netns ${namespace}`,
      `link set ${link} arp off addrgenmode none up`,
      `addr add ${host}/${UPLINK_PREFIX} dev ${link}`,
      `neigh add ${session} lladdr ${SESSION_END} dev ${link} nud permanent`,
      `route add ${containers} via ${session} dev ${link}`,
    ]),
    // Beside what follows: most of the time of each program is its start.
    beside(workerShaper(link, bytesPerSecond, "add")),
    inside(namespace, [
      settings(),
      batch([
        "link set lo up",
        "link set eth0 arp off up",
        `addr add ${session}/${UPLINK_PREFIX} dev eth0`,
        `neigh add ${host} lladdr ${WORKER_END} dev eth0 nud permanent`,
        `route add default via ${host}`,
      ]),
      shaper("eth0", bytesPerSecond),
    ]),
    "wait $!",
  ]);
}

/** Gives a network that exists another policy. */
export function change({ namespace, link, egress, bytesPerSecond }: Omit<Uplink, "addresses">): string {
  const unshaped = (device: string) => `tc qdisc del dev ${device} root 2> /dev/null || :`;
  return script([
    `ip link set ${link} group ${EGRESS_GROUPS[egress]}`,
    inside(namespace, [shaper("eth0", bytesPerSecond) || unshaped("eth0")]),
    workerShaper(link, bytesPerSecond, "replace") || unshaped(link),
  ]);
}

/** Several of these scripts as one. */
export const inTurn = (scripts: readonly string[]): string => script(scripts);

/** Makes the bridge of a host namespace, and away with what an earlier attempt left of it. */
export function bridgeCreation(namespace: string, bridge: string): string {
  return script([
    inside(namespace, [
      "echo 1 > /proc/sys/net/ipv4/ip_forward",
      `ip link del ${BRIDGE} 2> /dev/null || :`,
      batch([
        `link add ${BRIDGE} type bridge`,
        `addr add ${bridge}/${BRIDGE_PREFIX} dev ${BRIDGE}`,
        `link set ${BRIDGE} up`,
      ]),
    ]),
  ]);
}

/** Makes the namespace of a further container and puts it on the bridge. */
export function attachment(host: string, slot: number, address: string, gateway: string): string {
  const namespace = `${host}.${slot}`;
  return script([
    `ip netns add ${namespace}`,
    inside(host, [
      batch([
        `link add ${port(slot)} type veth peer name eth0 netns ${namespace}`,
        `link set ${port(slot)} master ${BRIDGE} up`,
      ]),
    ]),
    inside(namespace, [
      settings(),
      batch([
        "link set lo up",
        `addr add ${address}/${BRIDGE_PREFIX} dev eth0`,
        "link set eth0 up",
        `route add default via ${gateway}`,
      ]),
    ]),
  ]);
}

/** Takes a further container off the bridge and its namespace away, whatever of them there is. */
export function detachment(host: string, slot: number): string {
  const namespace = `${host}.${slot}`;
  return script([
    // The interface would stay while a process is in the namespace.
    inside(host, [`ip link del ${port(slot)} 2> /dev/null || :`]),
    `[ ! -e ${NAMESPACES}/${namespace} ] || ip netns del ${namespace}`,
  ]);
}

/** Published ports of a session, in place of those that were before; see Network.forward. */
export function forwarding(host: string, forwards: readonly PortForward[]): string {
  const rule = ({ protocol, hostPort, address, port }: PortForward, more = ""): string =>
    `fib daddr type local ${more}${protocol} dport ${hostPort} dnat to ${address}:${port}`;
  const isInner = ({ hostAddress }: PortForward) => hostAddress.startsWith("127.");
  const chain = (name: string, hook: string, rules: readonly string[]) =>
    `chain ${name} { type nat hook ${hook}; ${rules.map((line) => `${line}; `).join("")}}`;
  const table = [
    `table ip ${PORTS_TABLE} {}`,
    `delete table ip ${PORTS_TABLE}`,
    ...(forwards.length === 0
      ? []
      : [
          `table ip ${PORTS_TABLE} {`,
          chain(
            "prerouting",
            "prerouting priority -100",
            forwards.filter((forward) => !isInner(forward)).map((forward) => rule(forward)),
          ),
          chain(
            "output",
            "output priority -100",
            forwards.map((forward) => rule(forward, isInner(forward) ? "ip daddr 127.0.0.0/8 " : "")),
          ),
          // Answers have to come back to where the address was changed.
          chain("postrouting", "postrouting priority 100", [
            `oifname "${BRIDGE}" ip saddr 127.0.0.0/8 masquerade`,
            `iifname "${BRIDGE}" oifname "${BRIDGE}" ct status dnat masquerade`,
          ]),
          "}",
        ]),
  ];
  return script([
    inside(host, [
      `echo 1 > /proc/sys/net/ipv4/conf/${BRIDGE}/route_localnet`,
      `nft -f - << END\n${table.join("\n")}\nEND`,
    ]),
  ]);
}

/** Takes links and namespaces away. */
export function removal(links: readonly string[], namespaces: readonly string[]): string {
  return script([
    batch([
      ...links.map((link) => `link del ${link}`),
      ...namespaces.map((namespace) => `netns del ${namespace}`),
    ]),
  ]);
}

/** The bridge's end of a container's pair. */
const port = (slot: number): string => `port${slot}`;

const script = (steps: readonly string[]): string =>
  ["set -e", ...steps.filter((step) => step !== ""), ""].join("\n");

/** One `ip` for many steps; it stops at the first that fails. Lines hold words of this file's own making only. */
const batch = (lines: readonly string[]): string => `ip -batch - << END\n${lines.join("\n")}\nEND`;

/** A step that runs while the next ones do; `wait $!` tells whether it failed. */
const beside = (step: string): string => (step === "" ? ": &" : `{\n${step}\n} &`);

/** Steps inside of a network namespace. Only that is entered: mounts stay those of the worker. */
const inside = (namespace: string, steps: readonly string[]): string =>
  `nsenter --net=${NAMESPACES}/${namespace} sh << 'INSIDE'\n${script(steps)}INSIDE`;

const settings = (): string =>
  SETTINGS.map(
    ([name, value]) => `[ ! -e /proc/sys/net/${name} ] || echo ${value} > /proc/sys/net/${name}`,
  ).join("\n");

/** tc-tbf(8) on what leaves the session; "replace" changes one that is there and keeps its counters. */
function shaper(device: string, bytesPerSecond: number): string {
  if (!Number.isFinite(bytesPerSecond)) return "";
  const { rate, burst } = bucket(bytesPerSecond);
  return `tc qdisc replace dev ${device} root tbf rate ${rate}bps burst ${burst} latency ${QUEUE_MS}ms`;
}

/**
 * tc-htb(8) on what leaves the worker's end: a bucket for everything but what bears the priority of the root, `1:0`, which
 * goes past it. That is the resolver's answers (rules.ts): in the queue of a session that downloads they would take the
 * room of the resolver's one socket, and everybody's answers would wait.
 */
function workerShaper(device: string, bytesPerSecond: number, verb: "add" | "replace"): string {
  if (!Number.isFinite(bytesPerSecond)) return "";
  const { rate, burst } = bucket(bytesPerSecond);
  const root = `qdisc add dev ${device} root handle 1: htb default 2`;
  const limit = Math.floor((rate * QUEUE_MS) / 1_000) + burst;
  const rest = [
    `class ${verb} dev ${device} parent 1: classid 1:2 htb rate ${rate}bps burst ${burst} cburst ${burst} quantum ${QUANTUM_BYTES}`,
    `qdisc ${verb} dev ${device} parent 1:2 handle 2: bfifo limit ${limit}`,
  ];
  const steps = (lines: readonly string[]) => `tc -batch - << END\n${lines.join("\n")}\nEND`;
  // The root can't be changed, only be there.
  return verb === "add" ? steps([root, ...rest]) : `tc ${root} 2> /dev/null || :\n${steps(rest)}`;
}

function bucket(bytesPerSecond: number): { rate: number; burst: number } {
  const rate = Math.max(1, Math.floor(bytesPerSecond));
  return { rate, burst: burstBytes(rate) };
}
