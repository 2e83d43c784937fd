/* Pieces of shell scripts. They hold words of this folder's own making only. */

/** Where ip-netns(8) keeps named namespaces. */
export const NAMESPACES = "/run/netns";

export const script = (steps: readonly string[]): string =>
  ["set -e", ...steps.filter((step) => step !== ""), ""].join("\n");

/** Several scripts as one. */
export const inTurn = (scripts: readonly string[]): string => script(scripts);

/** One `ip` for many steps; it stops at the first that fails. */
export const batch = (lines: readonly string[]): string =>
  lines.length === 0 ? "" : `ip -batch - << END\n${lines.join("\n")}\nEND`;

/** One `nft` for a whole transaction. */
export const transaction = (lines: readonly string[]): string => `nft -f - << END\n${lines.join("\n")}\nEND`;

/** A step that may fail, as what it takes away may not be there. */
export const attempt = (step: string): string => `${step} 2> /dev/null || :`;

/** A step that runs while the next ones do; `wait $!` tells whether it failed. */
export const beside = (step: string): string => (step === "" ? ": &" : `{\n${step}\n} &`);

/** Steps inside of a network namespace. Only that is entered: mounts stay those of the worker. */
export const inside = (namespace: string, steps: readonly string[]): string =>
  steps.every((step) => step === "")
    ? ""
    : `nsenter --net=${NAMESPACES}/${namespace} sh << 'INSIDE'\n${script(steps)}INSIDE`;

/**
 * Settings of every namespace of a session, below /proc/sys/net; one that the kernel does not have is left out. As Docker
 * sets them: the container's root, an unprivileged id outside, listens on port 80 and sends pings. No interface has IPv6 but
 * loopback, which keeps ::1; those that come later are of the default.
 */
const SETTINGS = [
  ["ipv6/conf/default/disable_ipv6", "1"],
  ["ipv4/ip_unprivileged_port_start", "0"],
  ["ipv4/ping_group_range", "0 2147483647"],
] as const;

/** @param devices interfaces that are there already */
export const settings = (devices: readonly string[]): string =>
  [...SETTINGS, ...devices.map((device) => [`ipv6/conf/${device}/disable_ipv6`, "1"] as const)]
    .map(([name, value]) => `[ ! -e /proc/sys/net/${name} ] || echo ${value} > /proc/sys/net/${name}`)
    .join("\n");
