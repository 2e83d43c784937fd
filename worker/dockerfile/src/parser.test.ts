import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parseDockerfile } from "./parser.ts";

const TESTDATA = new URL("../testdata/", import.meta.url);

describe("the parser gives the tree and the diagnostics of testdata", () => {
  for (const name of readdirSync(TESTDATA)) {
    it(name, async () => {
      const directory = new URL(`${name}/`, TESTDATA);
      const { instructions, diagnostics, directives } = parseDockerfile(
        readFileSync(new URL("Dockerfile", directory), "utf8"),
      );
      const result = `${JSON.stringify({ directives, instructions, diagnostics }, null, 2)}\n`;
      await expect(result).toMatchFileSnapshot(new URL("result.json", directory).pathname);
    });
  }
});
