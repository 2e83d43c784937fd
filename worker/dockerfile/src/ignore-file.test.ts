import { describe, expect, it } from "vitest";
import { IgnoreFile } from "./ignore-file.ts";

const cases: [rules: string, path: string, ignored: boolean][] = [
  ["*.md", "README.md", true],
  ["*.md", "docs/README.md", false],
  ["**/*.md", "docs/deep/README.md", true],
  ["**/*.md", "README.md", true],
  ["docs", "docs/a/b", true],
  ["/docs/", "docs/a", true],
  ["./docs", "docs", true],
  ["*\n!keep.txt", "keep.txt", false],
  ["*\n!keep.txt", "other.txt", true],
  ["*.md\n!README*.md\nREADME-secret.md", "README-secret.md", true],
  ["*.md\n!README*.md\nREADME-secret.md", "README-other.md", false],
  ["*/temp*", "somedir/temporary.txt", true],
  ["*/*/temp*", "somedir/temporary.txt", false],
  ["temp?", "tempa", true],
  ["temp?", "temp", false],
  ["# comment\n\n  spaced  ", "spaced", true],
  ["a[0-9].txt", "a5.txt", true],
  ["a[^0-9].txt", "a5.txt", false],
  ["\\*.md", "x.md", false],
  ["**", "anything/at/all", true],
  ["a/**/b", "a/b", true],
  ["a/**/b", "a/x/y/b", true],
  ["../outside", "outside", false],
  ["dir\n!dir/keep", "dir/keep", false],
];

describe("a .dockerignore file decides as Docker does", () => {
  it.each(cases)("%j and %s", (rules, path, ignored) => {
    expect(new IgnoreFile(rules).ignores(path)).toBe(ignored);
  });

  it("many double wildcards against a deep path end in time", () => {
    const file = new IgnoreFile(`${"**/a/".repeat(30)}x`);
    const started = performance.now();
    expect(file.ignores(`${"a/".repeat(500)}b`)).toBe(false);
    expect(performance.now() - started).toBeLessThan(2000);
  });
});
