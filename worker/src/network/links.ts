import { createHash } from "node:crypto";
import { z } from "zod";
import { runProgram } from "../process/program.ts";
import { type AddressPair, SUBNET_PREFIX } from "./address-pool.ts";
import type { NetworkNames } from "./rules.ts";

/** Longest name of an interface, bytes (IFNAMSIZ without its final zero). */
const LINK_NAME_BYTES = 15;

/** `ip -json address show` (ip-address(8)). */
const addressesSchema = z.array(
  z.object({
    ifname: z.string().optional(),
    addr_info: z.array(z.object({ family: z.string().optional(), local: z.string().optional() })).optional(),
  }),
);

/** The name of the host's end of a session's veth pair: the prefix, and as much of the name's digest as fits. */
export function linkName(names: NetworkNames, name: string): string {
  const digest = createHash("sha256").update(name).digest("hex");
  return (names.interfacePrefix + digest).slice(0, LINK_NAME_BYTES);
}

/** All of our interfaces that exist, and their IPv4 address. One without an address is half-made. */
export async function ourLinks(names: NetworkNames): Promise<Map<string, string | null>> {
  const { stdout } = await runProgram(["ip", "-json", "address", "show", "type", "veth"]);
  const links = new Map<string, string | null>();
  for (const { ifname, addr_info } of addressesSchema.parse(JSON.parse(stdout || "[]"))) {
    if (!ifname?.startsWith(names.interfacePrefix)) continue;
    links.set(ifname, addr_info?.find(({ family }) => family === "inet")?.local ?? null);
  }
  return links;
}

/**
 * Input for `ip -batch -` that makes a namespace and its veth pair. The host's end gets its address last: an interface
 * with an address is a network that is complete.
 */
export function creation(namespace: string, link: string, addresses: AddressPair): string {
  const { host, session } = addresses;
  const inside = [
    "link set lo up",
    `addr add ${session}/${SUBNET_PREFIX} dev eth0`,
    "link set eth0 up",
    `route add default via ${host}`,
  ];
  const quoted = inside.map((line) => `'${line}'`).join(" ");
  // Where the kernel has no IPv6 there is nothing to turn off.
  const noIpv6 = (scope: string) =>
    `f=/proc/sys/net/ipv6/conf/${scope}/disable_ipv6; if [ -e $f ]; then echo 1 > $f; fi`;
  return [
    `netns add ${namespace}`,
    `netns exec ${namespace} sh -c "${noIpv6("all")}; ${noIpv6("default")}"`,
    `link add ${link} type veth peer name eth0 netns ${namespace}`,
    `netns exec ${namespace} sh -c "printf '%s\\n' ${quoted} | ip -batch -"`,
    `link set ${link} addrgenmode none up`,
    `addr add ${host}/${SUBNET_PREFIX} dev ${link}`,
    "",
  ].join("\n");
}
