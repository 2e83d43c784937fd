import { readFile, rm, writeFile } from "node:fs/promises";

/** ip-sysctl in the kernel's documentation, "ip_forward". */
const SETTING = "/proc/sys/net/ipv4/ip_forward";

/**
 * Turns IPv4 forwarding on when it is off, and remembers in `memory` that it was. `memory` lies below /run, since a
 * reboot forgets both.
 */
export async function enableForwarding(memory: string): Promise<void> {
  const value = (await readFile(SETTING, "utf8")).trim();
  if (value !== "0") return;
  await writeFile(memory, `${value}\n`, { mode: 0o600 });
  await writeFile(SETTING, "1");
}

/** Puts forwarding back as it was, if a Slipway changed it. */
export async function restoreForwarding(memory: string): Promise<void> {
  const value = await readFile(memory, "utf8").catch(() => null);
  if (value === null) return;
  if (value.trim() === "0") await writeFile(SETTING, "0");
  await rm(memory, { force: true });
}
