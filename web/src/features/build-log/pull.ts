import type { PulledLayer } from "@slipway/protocol";

/** An image on its way from a registry. */
export interface Pull {
  readonly reference: string;
  /** In the order in which they were first heard of. */
  readonly layers: readonly PulledLayer[];
}

/** Layers that the page keeps of one pull. */
export const MAX_PULL_LAYERS = 1024;

/** The pull with what is new of it; an event names only layers that have changed. */
export function withLayers(pull: Pull | null, news: Pull): Pull {
  const layers = new Map((pull?.layers ?? []).map((layer) => [layer.digest as string, layer]));
  for (const layer of news.layers) {
    if (layers.has(layer.digest) || layers.size < MAX_PULL_LAYERS) layers.set(layer.digest, layer);
  }
  return { reference: news.reference, layers: [...layers.values()] };
}

/** Compressed bytes that have arrived and that there are in all; layers that were here before are not among them. */
export function pulledBytes({ layers }: Pull): { received: number; total: number } {
  const fetched = layers.filter(({ state }) => state !== "present");
  return {
    received: fetched.reduce((sum, layer) => sum + received(layer), 0),
    total: fetched.reduce((sum, { totalBytes }) => sum + totalBytes, 0),
  };
}

/** A layer that is past its download has arrived, whatever its last report said. */
const received = ({ state, receivedBytes, totalBytes }: PulledLayer): number =>
  state === "unpacking" || state === "done" ? totalBytes : Math.min(receivedBytes, totalBytes);

/** Share that has arrived, from 0 to 1; null where nothing can be said of it. */
export function layerShare(layer: PulledLayer): number | null {
  if (layer.state === "present" || layer.state === "done") return 1;
  return layer.totalBytes === 0 ? null : received(layer) / layer.totalBytes;
}

/** `sha256:` and all but the first digits left out, as Docker shows layers. */
export const shortDigest = (digest: string): string => digest.replace(/^[a-z0-9+._-]+:/, "").slice(0, 12);
