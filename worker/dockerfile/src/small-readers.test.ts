import { describe, expect, it } from "vitest";
import { parseDuration } from "./duration.ts";
import { suggest } from "./keywords.ts";
import { isMode } from "./mode.ts";
import { normalisePlatform } from "./platform.ts";
import { isImageReference } from "./reference.ts";
import { parseSize } from "./size.ts";

describe("durations are read as Go reads them", () => {
  it.each([
    ["30s", 30e9],
    ["1m30s", 90e9],
    ["1h1m1s1ms1us1ns", 3_661_001_001_001],
    ["1.5h", 5400e9],
    [".5s", 5e8],
    ["1.s", 1e9],
    ["5µs", 5000],
    ["+1s", 1e9],
    ["-1s", -1e9],
    ["0", 0],
    ["0s", 0],
    ["", null],
    ["1", null],
    ["s", null],
    [".s", null],
    ["1 s", null],
    ["1S", null],
    ["1d", null],
    ["-", null],
    ["9223372036854775808ns", null],
  ])("%s", (text, nanoseconds) => {
    expect(parseDuration(text)).toBe(nanoseconds);
  });
});

describe("sizes are read as Docker reads them", () => {
  it.each([
    ["1", 1],
    ["64k", 65_536],
    ["64KiB", 65_536],
    ["1.5 mb", 1_572_864],
    ["1g", 1_073_741_824],
    ["2t", 2_199_023_255_552],
    ["", null],
    ["-1", null],
    ["1x", null],
    ["9999999p", null],
  ])("%s", (text, bytes) => {
    expect(parseSize(text)).toBe(bytes);
  });
});

describe("platforms have one form", () => {
  it.each([
    ["linux/amd64", "linux/amd64"],
    ["LINUX/x86_64", "linux/amd64"],
    ["arm64", "linux/arm64"],
    ["linux/arm64/v8", "linux/arm64"],
    ["linux/aarch64", "linux/arm64"],
    ["linux/arm", "linux/arm/v7"],
    ["linux/arm/6", "linux/arm/v6"],
    ["armhf", "linux/arm/v7"],
    ["windows", "windows/amd64"],
    ["macos/arm64", "darwin/arm64"],
    ["", null],
    ["linux/", null],
    ["a/b/c/d", null],
    ["li nux", null],
  ])("%s", (text, platform) => {
    expect(normalisePlatform(text, "linux/amd64")).toBe(platform);
  });
});

describe("the name of an image", () => {
  const digest = `sha256:${"0123456789abcdef".repeat(4)}`;

  it.each([
    "a",
    "busybox:1.36",
    "library/busybox",
    "example.org/a/b:T",
    "localhost/a",
    "example.org:5000/a",
    "[::1]:5000/a",
    "a_b/c__d/e-f/g--h.i",
    `a@${digest}`,
    `a:1@${digest}`,
    "Example.org/a",
  ])("%s is one", (text) => {
    expect(isImageReference(text)).toBe(true);
  });

  it.each([
    "",
    "A",
    "a:",
    "a:b:c",
    ":a",
    "/a",
    "a/",
    "a//b",
    "-a",
    "a_-b",
    "a@sha256:12",
    "a b",
    "$x",
    "a.b..c/Ü",
    "https://example.org/a",
    "0123456789abcdef".repeat(4),
    "a/".repeat(300),
  ])("%j is none", (text) => {
    expect(isImageReference(text)).toBe(false);
  });
});

it.each([
  ["755", true],
  ["0755", true],
  ["7777", true],
  ["$MODE", true],
  ["u+x", true],
  ["u=rwX,go=rX", true],
  ["+x", true],
  ["a=", true],
  ["g=u", true],
  ["u+r-w", true],
  ["10000", false],
  ["8", false],
  ["rwx", false],
  ["u", false],
  ["u+x,", false],
  ["", false],
])("the mode %j: %s", (text, good) => {
  expect(isMode(text)).toBe(good);
});

it.each([
  ["RUNN", "RUN"],
  ["COYP", "COPY"],
  ["ENTRYPIONT", "ENTRYPOINT"],
  ["XYZ", null],
  ["", null],
  ["R".repeat(1_000_000), null],
])("%s means %s", (word, meant) => {
  expect(suggest(word.slice(0, 100_000), ["RUN", "COPY", "ENTRYPOINT"])).toBe(meant);
});
