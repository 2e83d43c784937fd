import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { MAX_DOCKERFILE_CHARACTERS, parseDockerfile } from "./parser.ts";

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

describe("the parser never throws", () => {
  const hostile = {
    "a file above the bound": "#".repeat(MAX_DOCKERFILE_CHARACTERS + 1),
    nothing: "",
    "null bytes": "FROM a\nRUN \0\0\0",
    "only continuations": "\\\n\\\n\\",
    "a here-document without a name": "FROM a\nRUN <<\nRUN <<-\n",
    "an open quote": "FROM a\nENV A='b\nLABEL \"",
    "a prototype's names": "FROM a\nCONSTRUCTOR x\n__PROTO__ y\nCOPY --constructor=1 a b",
    "lone surrogates": "FROM \ud800\n\udfff x",
  };
  for (const [name, text] of Object.entries(hostile)) {
    it(name, () => {
      expect(() => parseDockerfile(text)).not.toThrow();
    });
  }

  it("a hundred thousand continuation lines are read in time", () => {
    const text = `FROM a\nRUN true ${"\\\n && true ".repeat(100_000)}`;
    const started = performance.now();
    parseDockerfile(text.slice(0, MAX_DOCKERFILE_CHARACTERS));
    expect(performance.now() - started).toBeLessThan(2000);
  });
});
