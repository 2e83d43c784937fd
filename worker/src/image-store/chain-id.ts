import type { Digest } from "@slipway/protocol";
import { digestOf } from "../content/digest.ts";

/**
 * The chainID of a stack of layers, the lowest first (config.md of the OCI image spec, "Layer ChainID"): it names the
 * content of all of them together, and so the snapshot that holds it. Null for no layers.
 */
export function chainId(diffIds: readonly Digest[]): Digest | null {
  return diffIds.reduce<Digest | null>((chain, diffId) => nextChainId(chain, diffId), null);
}

/** The chainID of one more layer on top. */
export function nextChainId(parent: Digest | string | null, diffId: Digest): Digest {
  return parent === null ? diffId : digestOf(`${parent} ${diffId}`);
}
