import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";

const BOOT_ID = "/proc/sys/kernel/random/boot_id";

/**
 * Does `work` unless a process before this one has come through it since the machine started, with the same `subject`: what a worker
 * that comes back after a kill need not try again, while terminals wait for it. What fails is tried again by the next one.
 *
 * @param file where it is written down
 */
export async function onceABoot(file: string, subject: string, work: () => Promise<void>): Promise<void> {
  const stamp = `${(await readFile(BOOT_ID, "utf8")).trim()} ${subject}`;
  if ((await readFile(file, "utf8").catch(() => "")) === stamp) return;
  await rm(file, { force: true });
  await work();
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, stamp);
}
