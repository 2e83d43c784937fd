import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { isCurrent, stampOf, writeStamp } from "./stamp.mjs";

let root = "";
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), "slipway-stamp-"));
  mkdirSync(path.join(root, "web/src"), { recursive: true });
  writeFileSync(path.join(root, "web/src/page.ts"), "one");
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

test("the same content has the same stamp, and any change another", () => {
  const first = stampOf(root, ["web"]);
  expect(stampOf(root, ["web"])).toBe(first);
  writeFileSync(path.join(root, "web/src/page.ts"), "two");
  expect(stampOf(root, ["web"])).not.toBe(first);
  writeFileSync(path.join(root, "web/src/page.ts"), "one");
  writeFileSync(path.join(root, "web/src/new.ts"), "");
  expect(stampOf(root, ["web"])).not.toBe(first);
  expect(stampOf(root, ["web"], ["arm64"])).not.toBe(stampOf(root, ["web"], ["x64"]));
});

test("what a build makes does not count as what it is made of", () => {
  const first = stampOf(root, ["web"]);
  for (const made of ["dist", "node_modules", ".next", "generated"]) {
    mkdirSync(path.join(root, "web", made));
    writeFileSync(path.join(root, "web", made, "made.js"), "");
  }
  expect(stampOf(root, ["web"])).toBe(first);
});

test("a folder called build is source, but for the one that native is built in", () => {
  const first = stampOf(root, ["web", "native"]);
  for (const folder of ["native/build", "web/src/build"])
    mkdirSync(path.join(root, folder), { recursive: true });
  writeFileSync(path.join(root, "native/build/made.o"), "");
  expect(stampOf(root, ["web", "native"])).toBe(first);
  writeFileSync(path.join(root, "web/src/build/build.ts"), "");
  expect(stampOf(root, ["web", "native"])).not.toBe(first);
});

test("an output without a stamp, or with another one, is not current", () => {
  const output = path.join(root, "dist");
  expect(isCurrent(output, "a")).toBe(false);
  writeStamp(output, "a");
  expect(isCurrent(output, "a")).toBe(true);
  expect(isCurrent(output, "b")).toBe(false);
});
