import path from "node:path";
import { expect, test } from "vitest";
import { checkImports } from "./import-rules.mjs";

const fixture = path.join(import.meta.dirname, "testdata/imports");
const TIMEOUT_MS = 60_000;

test("each import rule finds its violation, and nothing else is one", { timeout: TIMEOUT_MS }, async () => {
  const found = await checkImports(fixture);
  const lines = found.map(
    ({ rule, from, to }) => `${rule}: ${from} → ${to.replace(/^.*node_modules\//, "")}`,
  );
  await expect(`${lines.sort().join("\n")}\n`).toMatchFileSnapshot("testdata/imports-violations.txt");
});
