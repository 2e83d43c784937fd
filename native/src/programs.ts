import { addon } from "./addon.ts";

/**
 * Starts a program and gives its pid. `descriptors` are what it has as 0, 1, 2 …; nothing else is inherited but the
 * environment. Unlike Node's own spawn, this copies no page tables of this process and doesn't stop its main thread.
 * The caller reaps it with `reapProgram`. Rejects with NativeError, such as ENOENT.
 */
export async function spawnProgram(
  file: string,
  args: readonly string[],
  descriptors: readonly number[],
): Promise<number> {
  return await addon.spawnProgram(file, [file, ...args], descriptors);
}

/**
 * Waits for a program of `spawnProgram`, on a thread of libuv's pool: to be called once it is known to be ending, such
 * as by the end of a pipe that it holds. Gives the status of wait(2).
 */
export async function reapProgram(pid: number): Promise<number> {
  return await addon.reapProgram(pid);
}

/** A file's content in memory that nobody can change any more, as a descriptor that the caller closes. */
export function sealedCopy(file: string): number {
  return addon.sealedCopy(file);
}
