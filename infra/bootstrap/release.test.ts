import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { copyReadable } from "./release.mjs";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), "slipway-release-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

test("what only its owner may read can be read by the account that runs it", () => {
  const source = path.join(directory, "clone");
  mkdirSync(path.join(source, "bin"), { recursive: true });
  writeFileSync(path.join(source, "bin/program"), "");
  writeFileSync(path.join(source, "text"), "");
  chmodSync(path.join(source, "bin/program"), 0o700);
  chmodSync(path.join(source, "text"), 0o600);
  chmodSync(path.join(source, "bin"), 0o700);
  copyReadable(source, path.join(directory, "copy"));
  const modeOf = (name: string) => statSync(path.join(directory, "copy", name)).mode & 0o777;
  expect([modeOf("bin"), modeOf("bin/program"), modeOf("text")]).toEqual([0o755, 0o755, 0o644]);
});
