import path from "node:path";

/**
 * Control groups of containers that run to their end: `<parent>/run-<number>`. One is used again when its container has
 * ended and no process is left in it: making and removing a group in all hierarchies costs more than what a small step
 * does. The groups go with their parent.
 */
export class RunGroups {
  /** Numbers in use, by parent. */
  readonly #used = new Map<string, Set<number>>();

  take(parent: string): string {
    const used = this.#used.get(parent) ?? new Set<number>();
    this.#used.set(parent, used);
    let number = 0;
    while (used.has(number)) number += 1;
    used.add(number);
    return path.posix.join(parent, `run-${number}`);
  }

  release(group: string): void {
    const parent = path.posix.dirname(group);
    const used = this.#used.get(parent);
    used?.delete(Number(path.posix.basename(group).slice("run-".length)));
    if (used?.size === 0) this.#used.delete(parent);
  }
}
