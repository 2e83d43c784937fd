import { createHash } from "node:crypto";
import { readdir } from "node:fs/promises";
import path from "node:path";
import type { EgressPolicy } from "@slipway/protocol";
import { type SubnetAddresses, UPLINK_PREFIX } from "./address-pool.ts";
import { EGRESS_GROUPS, type NetworkNames } from "./rules.ts";
import { batch, beside, inside, NAMESPACES, script, settings } from "./shell.ts";

const LINKS = "/sys/class/net";
/** Longest name of an interface, bytes (IFNAMSIZ without its final zero). */
const LINK_NAME_BYTES = 15;

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
  /** The worker's own address, from which it speaks to sessions. */
  readonly service: string;
  readonly egress: EgressPolicy;
  readonly bytesPerSecond: number;
}

/**
 * A shell script that makes a host namespace with its uplink. Neighbours are written down on both ends and ARP is off, so
 * nothing that is sent over the uplink fills the worker's table of neighbours. The worker's end has no address: browsers on
 * this machine give up the connections they are opening whenever it gets or loses one (Chromium's ERR_NETWORK_CHANGED).
 */
export function creation({ namespace, link, addresses, service, egress, bytesPerSecond }: Uplink): string {
  const { gateway, session, containers } = addresses;
  return script([
    batch([
      `netns add ${namespace}`,
      `link add ${link} address ${WORKER_END} group ${EGRESS_GROUPS[egress]} type veth peer name eth0 address ${SESSION_END} netns ${namespace}`,
      `link set ${link} arp off addrgenmode none up`,
      `neigh add ${session} lladdr ${SESSION_END} dev ${link} nud permanent`,
      `route add ${session} dev ${link} src ${service}`,
      `route add ${containers} via ${session} dev ${link} src ${service}`,
    ]),
    // Beside what follows: most of the time of each program is its start.
    beside(workerShaper(link, bytesPerSecond, "add")),
    inside(namespace, [
      settings(["eth0"]),
      batch([
        "link set lo up",
        "link set eth0 arp off up",
        `addr add ${session}/${UPLINK_PREFIX} dev eth0`,
        `neigh add ${gateway} lladdr ${WORKER_END} dev eth0 nud permanent`,
        `route add default via ${gateway}`,
      ]),
      shaper("eth0", bytesPerSecond),
    ]),
    "wait $!",
  ]);
}

/** Gives a network that exists another policy. */
export function change({
  namespace,
  link,
  egress,
  bytesPerSecond,
}: Omit<Uplink, "addresses" | "service">): string {
  const unshaped = (device: string) => `tc qdisc del dev ${device} root 2> /dev/null || :`;
  return script([
    `ip link set ${link} group ${EGRESS_GROUPS[egress]}`,
    inside(namespace, [shaper("eth0", bytesPerSecond) || unshaped("eth0")]),
    workerShaper(link, bytesPerSecond, "replace") || unshaped(link),
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
