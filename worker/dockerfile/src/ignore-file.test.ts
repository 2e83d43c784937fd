import { describe, expect, it } from "vitest";
import { globProblem } from "./glob.ts";
import { IgnoreFile, ignoreFileNames, MAX_IGNORE_RULES } from "./ignore-file.ts";

const single: [pattern: string, path: string, ignored: boolean][] = [
  ["*.md", "README.md", true],
  ["*.md", "docs/README.md", false],
  ["docs", "docs/a/b", true],
  ["docs", "docs2/a", false],
  ["/docs/", "docs/a", true],
  ["./docs", "docs", true],
  ["a/../docs", "docs", true],
  ["../outside", "outside", false],
  [".", "a", false],
  ["/", "a", false],
  ["*/temp*", "somedir/temporary.txt", true],
  ["*/*/temp*", "somedir/temporary.txt", false],
  ["temp?", "tempa", true],
  ["temp?", "temp", false],
  ["temp?", "temp/a", false],
  ["  spaced  ", "spaced", true],
  [" # no comment", "# no comment", true],
  ["**", "file", true],
  ["**", "dir/file", true],
  ["**/", "dir/file", true],
  ["**/**", "dir/file", true],
  ["dir/**", "dir/file", true],
  ["dir/**", "dir/dir2/file", true],
  ["dir/**", "dir", false],
  ["dir**", "directory/file", true],
  ["**/dir", "dir/file", true],
  ["**/dir", "adir", false],
  ["**dir", "adir", true],
  ["**dir", "a/bdir", true],
  ["**/dir2/*", "dir/dir2/file", true],
  ["**/dir2/**", "dir/dir2/dir3/file", true],
  ["**/file*txt", "dir/dir/file.txt", true],
  ["**/**/*.txt", "file.txt", true],
  ["**/**/*.txt2", "dir/dir/file.txt", false],
  ["a**/*.txt", "a/dir/dir/file.txt", true],
  ["a/*.txt", "a/dir/file.txt", false],
  ["a/*.txt**", "a/file.txt", true],
  ["a/**/b", "a/b", true],
  ["a/**/b", "a/x/y/b", true],
  ["a/**/b", "a/xb", false],
  ["a[b-d]e", "ae", false],
  ["a[b-d]e", "ace", true],
  ["a[^b-d]e", "aze", true],
  ["a[^b-d]e", "abe", false],
  ["a[0-9].txt", "a5.txt", true],
  ["[a-ζ]*", "α", true],
  ["a[^a]b", "a☺b", true],
  ["a?b", "a👋b", true],
  ["a???b", "a👋b", false],
  ["[\\]a]", "]", true],
  ["[x\\-]", "-", true],
  ["[\\-x]", "a", false],
  [".*", ".foo", true],
  [".*", "foo", false],
  ["abc.def", "abcZdef", false],
  ["a\\*b", "a*b", true],
  ["a\\*b", "axb", false],
  ["a\\\\", "a\\", true],
  ["**/.foo", "bar.foo", false],
  ["a.|)$(}+{bc", "a.|)$(}+{bc", true],
  ["dist/*.whl", "dist/proxy.py-2.4.0rc3.dev36+g08acad9-py3-none-any.whl", true],
  ["a*b*c*d*e*/f", "axbxcxdxexxx/f", true],
  ["a*b*c*d*e*/f", "axbxcxdxexxx/fff", false],
  ["a*b?c*x", "abxbbxdbxebxczzx", true],
  ["a*b?c*x", "abxbbxdbxebxczzy", false],
];

const several: [rules: string, path: string, ignored: boolean][] = [
  ["*\n!keep.txt", "keep.txt", false],
  ["*\n!keep.txt", "other.txt", true],
  ["*.md\n!README*.md\nREADME-secret.md", "README-secret.md", true],
  ["*.md\n!README*.md\nREADME-secret.md", "README-other.md", false],
  ["!a\n*", "a", true],
  ["dir\n!dir/keep", "dir/keep", false],
  ["dir\n! dir/keep ", "dir/keep/below", false],
  ["dir\n!/dir/keep/", "dir/keep", false],
  ["**\n!util/docker/web", "util/docker/web/foo", false],
  ["**\n!util/docker/web\nutil/docker/web/foo", "util/docker/web/foo", true],
  ["# comment\n\n#!a\na", "a", true],
  ["\uFEFFa\nb", "a", true],
  ["a\r\nb\r\n", "b", true],
];

describe("a .dockerignore file decides as Docker does", () => {
  it.each(single)("%j and %s", (pattern, path, ignored) => {
    expect(new IgnoreFile(pattern).ignores(path)).toBe(ignored);
  });

  it.each(several)("%j and %s", (rules, path, ignored) => {
    expect(new IgnoreFile(rules).ignores(path)).toBe(ignored);
  });

  it("patterns that are given as such know no comments", () => {
    expect(new IgnoreFile(["#a"]).ignores("#a")).toBe(true);
    expect(new IgnoreFile("#a").ignores("#a")).toBe(false);
  });

  it("tells which lines can't be followed, and goes on with the others", () => {
    const file = new IgnoreFile("a\n!\n[\nb[]\nc\\\nd");
    expect(file.problems.map(({ line }) => line)).toEqual([2, 3, 4, 5]);
    expect(file.ignores("d")).toBe(true);
  });

  it("more patterns than are read are a problem", () => {
    expect(new IgnoreFile("a\n".repeat(MAX_IGNORE_RULES)).problems).toEqual([]);
    expect(new IgnoreFile("a\n".repeat(MAX_IGNORE_RULES + 5)).problems).toHaveLength(1);
    expect(new IgnoreFile(`${"a".repeat(1000)}\n`.repeat(100)).problems).toHaveLength(1);
  });

  it("a Dockerfile's own ignore file stands beside it", () => {
    expect(ignoreFileNames("docker/app.Dockerfile")).toEqual([
      "docker/app.Dockerfile.dockerignore",
      ".dockerignore",
    ]);
  });

  it("many double wildcards against a deep path end in time", () => {
    const file = new IgnoreFile(`${"**/a/".repeat(30)}x`);
    const started = performance.now();
    expect(file.ignores(`${"a/".repeat(500)}b`)).toBe(false);
    expect(performance.now() - started).toBeLessThan(2000);
  });
});

it.each(["[]a]", "[-]", "[x-]", "[-x]", "\\", "[a-b-c]", "[", "[^", "[^bc", "a["])(
  "the pattern %s has a problem",
  (pattern) => {
    expect(globProblem(pattern)).not.toBeNull();
  },
);

it("a verdict names the line that decided, in the words of the file", () => {
  const file = new IgnoreFile("# logs\n\n/*.log\n!keep.log\nbuild/\n");
  expect(file.judge("a.log")).toMatchObject({ ignored: true, rule: { line: 3, pattern: "*.log" } });
  expect(file.judge("keep.log")).toMatchObject({ ignored: false, rule: { line: 4, pattern: "!keep.log" } });
  expect(file.judge("build/x/y.o")).toMatchObject({ ignored: true, rule: { line: 5, pattern: "build" } });
  expect(file.judge("app.js")).toEqual({ ignored: false, rule: null });
});
