import { digestSchema, type PulledLayer } from "@slipway/protocol";
import { expect, test } from "vitest";
import { layerShare, MAX_PULL_LAYERS, type Pull, pulledBytes, shortDigest, withLayers } from "./pull.ts";

const layer = (number: number, rest: Partial<PulledLayer> = {}): PulledLayer => ({
  digest: digestSchema.parse(`sha256:${number.toString(16).padStart(64, "0")}`),
  state: "downloading",
  receivedBytes: 0,
  totalBytes: 100,
  ...rest,
});
const pullOf = (...layers: PulledLayer[]): Pull => ({ reference: "node:20", layers });

test("layers keep their place while they change", () => {
  const first = withLayers(null, pullOf(layer(1), layer(2)));
  const second = withLayers(
    first,
    pullOf(layer(2, { receivedBytes: 40 }), layer(3), layer(1, { state: "done" })),
  );
  expect(second.layers).toEqual([layer(1, { state: "done" }), layer(2, { receivedBytes: 40 }), layer(3)]);
});

test("bytes are those that have to be fetched, and a layer that is being unpacked has arrived", () => {
  const pull = pullOf(
    layer(1, { state: "present", totalBytes: 5000 }),
    layer(2, { state: "unpacking", receivedBytes: 60 }),
    layer(3, { receivedBytes: 25 }),
    layer(4, { state: "waiting" }),
    layer(5, { receivedBytes: 900 }),
  );
  expect(pulledBytes(pull)).toEqual({ received: 225, total: 400 });
});

test("a layer's share is known where its size is", () => {
  expect(layerShare(layer(1, { receivedBytes: 25 }))).toBe(0.25);
  expect(layerShare(layer(1, { totalBytes: 0 }))).toBeNull();
  expect(layerShare(layer(1, { state: "present", totalBytes: 0 }))).toBe(1);
});

test("a stream that names more and more layers does not grow the page without end", () => {
  let pull: Pull | null = null;
  for (let number = 0; number < MAX_PULL_LAYERS + 100; number += 50) {
    pull = withLayers(pull, pullOf(...Array.from({ length: 50 }, (_, index) => layer(number + index))));
  }
  expect(pull?.layers).toHaveLength(MAX_PULL_LAYERS);
});

test("digests are shown as Docker shows layers", () => {
  expect(shortDigest(`sha256:${"abcdef012345".repeat(5)}abcd`)).toBe("abcdef012345");
});
