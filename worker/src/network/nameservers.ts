import { readFile } from "node:fs/promises";

const RESOLV_CONF = "/etc/resolv.conf";
/** The servers behind the stub of systemd-resolved (systemd-resolved.service(8), "/etc/resolv.conf"). */
const SYSTEMD_UPSTREAM = "/run/systemd/resolve/resolv.conf";
/** resolv.conf(5): MAXNS. */
const MOST_NAMESERVERS = 3;
/** Where the host has only servers on its own loopback, which no session reaches; Docker falls back to the same. */
const FALLBACK: readonly string[] = ["8.8.8.8", "8.8.4.4"];

/** The IPv4 nameservers that sessions may ask: those of the host. */
export async function hostNameservers(
  read: (file: string) => Promise<string> = (file) => readFile(file, "utf8"),
): Promise<readonly string[]> {
  for (const file of [RESOLV_CONF, SYSTEMD_UPSTREAM]) {
    const found = parseNameservers(await read(file).catch(() => ""));
    if (found.length > 0) return found;
  }
  return FALLBACK;
}

/** The IPv4 `nameserver` lines of a resolv.conf that are no loopback addresses. */
export function parseNameservers(resolvConf: string): string[] {
  return resolvConf
    .split("\n")
    .flatMap((line) => {
      const address = /^\s*nameserver\s+([0-9]{1,3}(?:\.[0-9]{1,3}){3})(?:\s|$)/.exec(line)?.[1];
      const valid = address?.split(".").every((part) => Number(part) < 256) && !address.startsWith("127.");
      return address !== undefined && valid ? [address] : [];
    })
    .slice(0, MOST_NAMESERVERS);
}

/** Content for /etc/resolv.conf of a session. */
export function resolvConf(nameservers: readonly string[]): string {
  return nameservers.map((server) => `nameserver ${server}\n`).join("");
}
