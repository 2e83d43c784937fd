import { bridgeOf, networksIn, type PlacedEnd } from "./ends.ts";
import type { PortForward } from "./network.ts";
import { inside, script, transaction } from "./shell.ts";

/* nftables of a session's host namespace. */

/** Of published ports, and of networks of the session's own. */
const PORTS_TABLE = "slipway-ports";
const NETWORKS_TABLE = "slipway-networks";
/** All bridges of a session: the default one and those of its own networks (ends.ts). */
const BRIDGES = '"br*"';
/**
 * Connections and other flows that go through the host namespace, or from containers to it, at once: the kernel's table of
 * them is in nobody's limit.
 */
const MAX_FLOWS = 8_192;

/** Published ports of a session, in place of those that were before; see Network.forward. */
export function forwarding(host: string, forwards: readonly PortForward[]): string {
  const rule = ({ protocol, hostPort, address, port }: PortForward, more = ""): string =>
    `fib daddr type local ${more}${protocol} dport ${hostPort} dnat to ${address}:${port}`;
  const isInner = ({ hostAddress }: PortForward) => hostAddress.startsWith("127.");
  const chain = (name: string, hook: string, rules: readonly string[]) =>
    `chain ${name} { type nat hook ${hook}; ${rules.map((line) => `${line}; `).join("")}}`;
  const table = [
    ...withoutTable(PORTS_TABLE),
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
            `oifname ${BRIDGES} ip saddr 127.0.0.0/8 masquerade`,
            `iifname ${BRIDGES} oifname ${BRIDGES} ct status dnat masquerade`,
          ]),
          "}",
        ]),
  ];
  return script([
    inside(host, [
      "for setting in /proc/sys/net/ipv4/conf/br*/route_localnet; do [ ! -e $setting ] || echo 1 > $setting; done",
      transaction(table),
    ]),
  ]);
}

/** A container as the rules know it. */
export interface Identified {
  /** Its address on the default bridge: all that it sends to the outside comes from there. */
  readonly identity: string;
  readonly ends: readonly PlacedEnd[];
}

/**
 * The walls between a session's networks, in place of those that were before. Between bridges nothing passes but published
 * ports, as in Docker. What goes out bears the address that the container has, or would have, on the default bridge: so the
 * worker's rules and its resolver know it, and addresses of networks mean nothing outside of the session.
 */
export function networkRules(host: string, containers: readonly Identified[], service: string): string {
  const networks = networksIn(containers.flatMap(({ ends }) => ends));
  const bridges = [null, ...networks].map((network) => `"${bridgeOf({ network })}"`);
  const internal = networks.filter((network) => network.internal);
  const identities = containers.flatMap(({ identity, ends }) =>
    ends.flatMap(({ network, address }) => (network === null ? [] : [`${address} : ${identity}`])),
  );
  const table = [
    ...withoutTable(NETWORKS_TABLE),
    `table ip ${NETWORKS_TABLE} {`,
    `set internal { type ifname; ${elements(internal.map((network) => `"${bridgeOf({ network })}"`))} }`,
    `set same { type ifname . ifname; ${elements(bridges.map((bridge) => `${bridge} . ${bridge}`))} }`,
    `map identities { type ipv4_addr : ipv4_addr; ${elements(identities)} }`,
    "chain refuse { meta l4proto tcp reject with tcp reset; reject with icmp admin-prohibited; }",
    `chain flows { ct state new ct count over ${MAX_FLOWS} drop; }`,
    "chain forward { type filter hook forward priority 0; policy accept;",
    // What one bridge forwards by itself comes by here where br_netfilter says so.
    "iifname . oifname @same accept",
    `iifname ${BRIDGES} fib saddr . iif oif missing drop`,
    `iifname @internal ip daddr ${service} meta l4proto { tcp, udp } th dport 53 jump flows`,
    `iifname @internal ip daddr ${service} meta l4proto { tcp, udp } th dport 53 accept`,
    "iifname @internal goto refuse",
    "ct state established,related accept",
    "oifname @internal goto refuse",
    "jump flows",
    "ct status dnat accept",
    `iifname ${BRIDGES} oifname ${BRIDGES} goto refuse`,
    "}",
    `chain input { type filter hook input priority 0; policy accept; iifname ${BRIDGES} jump flows; }`,
    `chain postrouting { type nat hook postrouting priority 100; oifname "eth0" snat to ip saddr map @identities; }`,
    "}",
  ];
  return inside(host, [transaction(table)]);
}

const withoutTable = (table: string): string[] => [`table ip ${table} {}`, `delete table ip ${table}`];

const elements = (values: readonly string[]): string =>
  values.length === 0 ? "" : `elements = { ${values.join(", ")} }`;
