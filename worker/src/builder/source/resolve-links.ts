import { joined, parentOf } from "./source-tree.ts";

/** Symbolic links that are followed on one path; the kernel's own bound (path_resolution(7)). */
const MAX_LINKS = 40;

/**
 * The path with all links resolved inside of a tree: `..` stops at its root, and so do absolute links. `targetOf` says
 * where the entry at a resolved path leads: null where it is no link, undefined where the search ends. The result is null
 * when it ended so, or after too many links.
 */
export function resolveLinks(
  path: string,
  targetOf: (resolved: string) => string | null | undefined,
): string | null {
  const rest = path.split("/").reverse();
  let resolved = "";
  let links = 0;
  for (let part = rest.pop(); part !== undefined; part = rest.pop()) {
    if (part === "" || part === ".") continue;
    if (part === "..") {
      resolved = parentOf(resolved);
      continue;
    }
    const next = joined(resolved, part);
    const target = targetOf(next);
    if (target === undefined) return null;
    if (target === null) {
      resolved = next;
      continue;
    }
    links += 1;
    if (links > MAX_LINKS) return null;
    if (target.startsWith("/")) resolved = "";
    for (const name of target.split("/").reverse()) rest.push(name);
  }
  return resolved;
}
