import type { EgressPolicy } from "@slipway/protocol";
import { REFUSED_IPV4 } from "../outbound/address-rules.ts";

/** The names under which one Slipway keeps its things in the kernel, so that several can live on one machine. */
export interface NetworkNames {
  /** nftables table of family inet. */
  readonly table: string;
  /** Namespaces are called `<prefix><name>`, those of further containers `<prefix><name>.<slot>`. */
  readonly namespacePrefix: string;
  /** The worker's ends of uplinks are called `<prefix>` and hexadecimal digits; at most 5 bytes, to leave room. */
  readonly interfacePrefix: string;
}

export interface Destinations {
  /** Pool of the sessions' addresses, CIDR; it may lie outside of what is refused anyway (outbound/address-rules.ts). */
  readonly pool: string;
  /** Address of the worker's resolver. */
  readonly service: string;
  /** Addresses or prefixes that the operator opens although they are refused otherwise. */
  readonly opened: readonly string[];
}

/**
 * The policy of a session is the group of its uplink (ip-link(8), "group"): it comes into being, changes and goes with the
 * link, so there is nothing per session in the table. A link of another group reaches nothing.
 */
export const EGRESS_GROUPS: Readonly<Record<EgressPolicy, number>> = {
  none: 20_801,
  "packages-only": 20_802,
  internet: 20_803,
};

/** Addresses of package hosts that are open at once. */
export const MAX_PACKAGE_ADDRESSES = 4_096;
/** Connections and other flows that one session has through the worker at once; the host's table is for all. */
const MAX_FLOWS = 4_096;
/** Questions that one session asks the resolver, per second, and as many at once; UDP. */
const QUESTIONS_PER_SECOND = 200;
/** Connections that one session opens to the resolver, per second. */
const DIALOGS_PER_SECOND = 20;

/**
 * The table as one transaction for `nft -f -`. Repeating it renews the rules, and leaves the open addresses of package
 * hosts alone.
 *
 * A packet is a session's own when the worker would route an answer to it back through the same uplink (`fib`): the
 * uplink's /30 and the bridge's range are routed there and nothing else is. Options in the IP header (source routing)
 * and protocols other than TCP, UDP and ICMP (IPv6 in IPv4, GRE) pass nowhere. What is forged is dropped; whoever asks
 * honestly for what is not allowed hears so at once: by a reset, since a program that is still connecting overlooks ICMP.
 */
export function tableRules(names: NetworkNames, to: Destinations): string {
  const { table } = names;
  const ours = `"${names.interfacePrefix}*"`;
  const chains = [
    "before",
    "after",
    "forward",
    "input",
    "postrouting",
    "own",
    "refuse",
    "egress",
    "packages-egress",
  ];
  const question = `ip daddr ${to.service} udp dport 53`;
  return `
table inet ${table} {
  set packages { type ipv4_addr; size ${MAX_PACKAGE_ADDRESSES}; flags timeout; }
  set opened { type ipv4_addr; flags interval; auto-merge; }
  set refused { type ipv4_addr; flags interval; auto-merge; }
  set flows { type ifname; size 65535; flags dynamic; }
  set questions { type ifname; size 65535; flags dynamic,timeout; timeout 10s; }
  set dialogs { type ifname; size 65535; flags dynamic,timeout; timeout 10s; }
  chain before { type filter hook prerouting priority raw; policy accept; }
  chain after { type filter hook output priority raw; policy accept; }
  chain forward { type filter hook forward priority filter; policy accept; }
  chain input { type filter hook input priority filter; policy accept; }
  chain postrouting { type nat hook postrouting priority srcnat; policy accept; }
  chain own { }
  chain refuse { }
  chain egress { }
  chain packages-egress { }
}
${chains.map((chain) => `flush chain inet ${table} ${chain}`).join("\n")}
flush set inet ${table} opened
flush set inet ${table} refused
${elements(names, "opened", to.opened)}
${elements(names, "refused", [...REFUSED_IPV4, to.pool])}
table inet ${table} {
  chain before {
    iifname ${ours} ${question} update @questions { iifname limit rate over ${QUESTIONS_PER_SECOND}/second burst ${QUESTIONS_PER_SECOND} packets } drop
    iifname ${ours} ${question} notrack
  }
  chain after {
    oifname ${ours} ip saddr ${to.service} udp sport 53 meta priority set 1:0 notrack
  }
  chain own {
    meta nfproto != ipv4 drop
    fib saddr . iif oif missing drop
    ip hdrlength != 5 drop
    meta l4proto != { tcp, udp, icmp } drop
  }
  chain refuse {
    meta l4proto tcp reject with tcp reset
    reject with icmp admin-prohibited
  }
  chain packages-egress {
    ip daddr @packages tcp dport { 80, 443 } accept
    goto refuse
  }
  chain egress {
    oifname ${ours} goto refuse
    meta iifgroup != { ${EGRESS_GROUPS["packages-only"]}, ${EGRESS_GROUPS.internet} } goto refuse
    ct state established,related accept
    ct state invalid drop
    ct state new add @flows { iifname ct count over ${MAX_FLOWS} } drop
    meta iifgroup ${EGRESS_GROUPS["packages-only"]} goto packages-egress
    ip daddr @opened accept
    ip daddr @refused goto refuse
    accept
  }
  chain forward {
    iifname ${ours} jump own
    iifname ${ours} goto egress
    oifname ${ours} ct state established,related accept
    oifname ${ours} drop
  }
  chain input {
    iifname != ${ours} ip daddr ${to.service} drop
    iifname != ${ours} accept
    jump own
    ${question} accept
    ip daddr ${to.service} tcp dport 53 ct state new update @dialogs { iifname limit rate over ${DIALOGS_PER_SECOND}/second burst ${DIALOGS_PER_SECOND} packets } drop
    ip daddr ${to.service} tcp dport 53 accept
    ct state established,related ct direction reply accept
    goto refuse
  }
  chain postrouting {
    ip saddr ${to.pool} oifname != ${ours} oifname != "lo" masquerade
  }
}
`;
}

/** Opens addresses of package hosts for so many seconds from now on, also such that are open already. */
export function openPackages(names: NetworkNames, addresses: ReadonlyMap<string, number>): string {
  const set = `element inet ${names.table} packages`;
  return [...addresses]
    .flatMap(([address, seconds]) => [
      `add ${set} { ${address} }`,
      `delete ${set} { ${address} }`,
      `add ${set} { ${address} timeout ${seconds}s }`,
    ])
    .join("\n");
}

/** Removes the table, whether it exists or not. */
export const dropTable = (names: NetworkNames): string =>
  `table inet ${names.table} { }\ndelete table inet ${names.table}\n`;

function elements(names: NetworkNames, set: string, values: readonly string[]): string {
  return values.length === 0 ? "" : `add element inet ${names.table} ${set} { ${values.join(", ")} }`;
}
