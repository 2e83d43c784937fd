import { createHash } from "node:crypto";
import { z } from "zod";
import { runProgram } from "../process/program.ts";
import { type AddressPair, SUBNET_PREFIX } from "./address-pool.ts";
import type { NetworkNames } from "./rules.ts";

/** Longest name of an interface, bytes (IFNAMSIZ without its final zero). */
const LINK_NAME_BYTES = 15;

/**
 * Settings of a session's namespace, below /proc/sys/net; one that the kernel does not have is left out. As Docker sets
 * them: the container's root, an unprivileged id outside, listens on port 80 and sends pings.
 */
const SETTINGS = [
  ["ipv6/conf/all/disable_ipv6", "1"],
  ["ipv6/conf/default/disable_ipv6", "1"],
  ["ipv4/ip_unprivileged_port_start", "0"],
  ["ipv4/ping_group_range", "0 2147483647"],
] as const;

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
  const settings = SETTINGS.map(
    ([name, value]) => `f=/proc/sys/net/${name}; [ ! -e $f ] || echo ${value} > $f`,
  );
  return [
    `netns add ${namespace}`,
    `netns exec ${namespace} sh -c "${settings.join("; ")}"`,
    `link add ${link} type veth peer name eth0 netns ${namespace}`,
    `netns exec ${namespace} sh -c "printf '%s\\n' ${quoted} | ip -batch -"`,
    `link set ${link} addrgenmode none up`,
    `addr add ${host}/${SUBNET_PREFIX} dev ${link}`,
    "",
  ].join("\n");
}
