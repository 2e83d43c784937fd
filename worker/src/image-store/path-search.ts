import {
  type LayerEntry,
  layerEntrySchema,
  MAX_SEARCH_HITS,
  type SearchHit,
  type SearchResult,
} from "@slipway/protocol";
import { linesOf } from "./entry-file.ts";
import { parseJson } from "./index-file.ts";
import { sortKey } from "./layer-walk.ts";

/** Paths that are gathered at most, from all layers; which of them are told is decided at the end. */
const MAX_MATCHES = 5_000;

/**
 * Finds paths that hold a text, small and capital letters alike, in the lists of layers on top of each other, the lowest
 * first. What is no more there is found too, after what is.
 */
export async function searchPaths(
  lists: readonly string[],
  text: string,
  signal: AbortSignal,
): Promise<SearchResult> {
  const wanted = text.toLowerCase();
  const matches = new Map<string, SearchHit>();
  let hasMore = false;
  for (const [layer, list] of lists.entries()) {
    for await (const line of linesOf(list)) {
      signal.throwIfAborted();
      const entry = matching(line, wanted);
      if (entry === null) continue;
      if (matches.size >= MAX_MATCHES && !matches.has(entry.path)) hasMore = true;
      else matches.set(entry.path, hitOf(entry, layer));
    }
  }
  const hits = [...matches.values()].sort(byPresenceAndPath);
  return { hits: hits.slice(0, MAX_SEARCH_HITS), hasMore: hasMore || hits.length > MAX_SEARCH_HITS };
}

/** Most lines are other paths: those that can't hold the text are not looked at further. */
function matching(line: string, wanted: string): LayerEntry | null {
  if (PLAIN.test(wanted) && !line.toLowerCase().includes(wanted)) return null;
  const entry = layerEntrySchema.safeParse(parseJson(line)).data;
  return entry?.path.toLowerCase().includes(wanted) ? entry : null;
}

/** Characters that JSON writes as they are. */
const PLAIN = /^[\w ./+@-]+$/;

const hitOf = ({ path, kind, sizeBytes, change }: LayerEntry, layer: number): SearchHit => ({
  path,
  kind,
  sizeBytes,
  layer,
  isPresent: change !== "removed",
});

function byPresenceAndPath(left: SearchHit, right: SearchHit): number {
  const presence = Number(right.isPresent) - Number(left.isPresent);
  return presence !== 0 ? presence : sortKey(left.path) < sortKey(right.path) ? -1 : 1;
}
