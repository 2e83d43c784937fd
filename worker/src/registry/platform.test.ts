import { expect, test } from "vitest";
import { digestOf } from "../content/digest.ts";
import { choosePlatform, runnablePlatforms, runsHere } from "./platform.ts";

const entry = (platform: { os?: string; architecture: string; variant?: string } | null, name = "") => ({
  mediaType: "application/vnd.oci.image.manifest.v1+json",
  digest: digestOf(JSON.stringify(platform) + name),
  size: 1,
  ...(platform && { platform: { os: "linux", ...platform } }),
});

const arm = (variant: string) => entry({ architecture: "arm", variant });
const amd64 = entry({ architecture: "amd64" });
const i386 = entry({ architecture: "386" });
const arm64 = entry({ architecture: "arm64" });
const arm64v8 = entry({ architecture: "arm64", variant: "v8" });

test.each([
  ["x64", 0, [i386, arm64, amd64], amd64],
  ["x64", 0, [i386, arm64], i386],
  ["x64", 0, [entry({ architecture: "amd64", variant: "v3" }), i386], i386],
  ["x64", 0, [entry({ architecture: "amd64", os: "windows" })], null],
  ["arm64", 0, [amd64, arm("v7"), arm64v8], arm64v8],
  ["arm64", 0, [arm("v6"), arm("v7"), amd64], arm("v7")],
  ["arm", 7, [arm("v8"), arm("v5"), arm("v6")], arm("v6")],
  ["arm", 6, [arm("v7")], null],
  ["arm", 7, [entry({ architecture: "arm" })], entry({ architecture: "arm" })],
  ["s390x", 0, [amd64, entry(null)], entry(null)],
  ["riscv64", 0, [amd64], null],
] as const)("%s (arm %d) takes the best of what it runs", (arch, version, entries, expected) => {
  expect(choosePlatform(entries, runnablePlatforms(arch, version))).toEqual(expected);
});

test("attestations that BuildKit adds are no images", () => {
  const attestation = {
    ...entry(null),
    annotations: { "vnd.docker.reference.type": "attestation-manifest" },
  };
  expect(choosePlatform([attestation], runnablePlatforms("x64", 0))).toBeNull();
});

test("an image without a variant is the usual one", () => {
  expect(runsHere({ os: "linux", architecture: "arm64" }, runnablePlatforms("arm64", 0))).toBe(true);
  expect(runsHere({ os: "linux", architecture: "arm" }, runnablePlatforms("arm", 6))).toBe(false);
});
