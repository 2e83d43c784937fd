import type { EgressPolicy } from "@slipway/protocol";
import { REFUSED_IPV4 } from "../outbound/address-rules.ts";

/** The names under which one Slipway keeps its things in the kernel, so that several can live on one machine. */
export interface NetworkNames {
  /** nftables table of family inet. */
  readonly table: string;
  /** Namespaces are called `<prefix><name>`. */
  readonly namespacePrefix: string;
  /** The host's ends of veth pairs are called `<prefix>` and hexadecimal digits; at most 5 bytes, to leave room. */
  readonly interfacePrefix: string;
}

export interface Destinations {
  /** Pool of the sessions' addresses, CIDR; it may lie outside of what is refused anyway (outbound/address-rules.ts). */
  readonly pool: string;
  readonly nameservers: readonly string[];
  /** Addresses or prefixes that the operator opens although they are refused otherwise. */
  readonly opened: readonly string[];
}

/**
 * The table as one transaction for `nft -f -`. Repeating it renews the rules and leaves the elements of sessions
 * alone. Everything that comes from a session's interface with an address that is not the session's is dropped, so a
 * session that is in no set reaches nothing.
 */
export function tableRules(names: NetworkNames, to: Destinations): string {
  const ours = `"${names.interfacePrefix}*"`;
  return `
table inet ${names.table} {
  set addresses { type ifname . ipv4_addr; }
  set internet { type ifname; }
  set nameservers { type ipv4_addr; }
  set opened { type ipv4_addr; flags interval; auto-merge; }
  set refused { type ipv4_addr; flags interval; auto-merge; }
  chain forward { type filter hook forward priority filter; policy accept; }
  chain input { type filter hook input priority filter; policy accept; }
  chain postrouting { type nat hook postrouting priority srcnat; policy accept; }
  chain from-session { }
  chain allow-dns { }
}
flush chain inet ${names.table} forward
flush chain inet ${names.table} input
flush chain inet ${names.table} postrouting
flush chain inet ${names.table} from-session
flush chain inet ${names.table} allow-dns
flush set inet ${names.table} nameservers
flush set inet ${names.table} opened
flush set inet ${names.table} refused
${elements(names, "nameservers", to.nameservers)}
${elements(names, "opened", to.opened)}
${elements(names, "refused", [...REFUSED_IPV4, to.pool])}
table inet ${names.table} {
  chain allow-dns {
    ip daddr @nameservers udp dport 53 accept
    ip daddr @nameservers tcp dport 53 accept
  }
  chain from-session {
    iifname . ip saddr != @addresses drop
    meta nfproto != ipv4 drop
    ct state established,related accept
    iifname != @internet drop
    jump allow-dns
  }
  chain forward {
    iifname ${ours} jump from-session
    iifname ${ours} oifname ${ours} drop
    iifname ${ours} ip daddr @opened accept
    iifname ${ours} ip daddr @refused drop
    oifname ${ours} ct state established,related accept
    oifname ${ours} drop
  }
  chain input {
    iifname ${ours} jump from-session
    iifname ${ours} drop
  }
  chain postrouting {
    ip saddr ${to.pool} oifname != ${ours} oifname != "lo" masquerade
  }
}
`;
}

/** Lets one session in. Repeating it, also with another policy, is no error. */
export function admit(names: NetworkNames, link: string, address: string, egress: EgressPolicy): string {
  const internet = `element inet ${names.table} internet { "${link}" }`;
  return [
    `add element inet ${names.table} addresses { "${link}" . ${address} }`,
    `add ${internet}`,
    ...(egress === "none" ? [`delete ${internet}`] : []),
  ].join("\n");
}

/** Lets exactly these sessions (address by interface) send at all; what else was in the set is left over and goes. */
export function readmit(names: NetworkNames, sessions: ReadonlyMap<string, string>): string {
  const values = [...sessions].map(([link, address]) => `"${link}" . ${address}`);
  return `flush set inet ${names.table} addresses\n${elements(names, "addresses", values)}\n`;
}

/** Shuts one session out. Adding first makes the deletion of what is not there no error. */
export function expel(names: NetworkNames, link: string, address: string): string {
  const elements = [
    `element inet ${names.table} addresses { "${link}" . ${address} }`,
    `element inet ${names.table} internet { "${link}" }`,
  ];
  return elements.flatMap((element) => [`add ${element}`, `delete ${element}`]).join("\n");
}

/** Removes the table, whether it exists or not. */
export const dropTable = (names: NetworkNames): string =>
  `table inet ${names.table} { }\ndelete table inet ${names.table}\n`;

function elements(names: NetworkNames, set: string, values: readonly string[]): string {
  return values.length === 0 ? "" : `add element inet ${names.table} ${set} { ${values.join(", ")} }`;
}
