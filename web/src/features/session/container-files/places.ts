import type { ContainerEntry } from "@slipway/protocol";

/** A path in a container. */
export const within = (directory: string, name: string): string =>
  directory === "/" ? `/${name}` : `${directory}/${name}`;

/** The directory above; that of the root is the root. */
export const above = (path: string): string => path.replace(/\/[^/]*\/*$/, "") || "/";

const RANK: Record<ContainerEntry["kind"], number> = { directory: 0, file: 1, link: 1, other: 1 };

/** Directories first, then by name. */
export const inOrder = (entries: readonly ContainerEntry[]): ContainerEntry[] =>
  [...entries].sort(
    (one, other) => RANK[one.kind] - RANK[other.kind] || one.name.localeCompare(other.name, "en"),
  );
