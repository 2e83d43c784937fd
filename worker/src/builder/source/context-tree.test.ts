import { IgnoreFile } from "@slipway/dockerfile";
import { describe, expect, it } from "vitest";
import { entriesOf, findSources, matchesOf } from "../copy/selection.ts";
import { ContextTree } from "./context-tree.ts";

function treeOf(files: readonly string[], links: Record<string, string> = {}): ContextTree {
  const tree = new ContextTree();
  for (const file of files) tree.addFile(file, Buffer.from(file));
  for (const [path, target] of Object.entries(links)) {
    tree.add(path, {
      kind: "symlink",
      mode: 0o777,
      mtimeSeconds: 0,
      sizeBytes: 0,
      target,
      digest: "",
      content: 0,
      hasLinks: false,
    });
  }
  return tree;
}

const { signal } = new AbortController();

async function pathsOf(
  tree: ContextTree,
  base: string,
  options: { include?: string; exclude?: string } = {},
): Promise<string[]> {
  const include =
    options.include === undefined ? null : matchesOf(tree, base, options.include.split("/"), "ignore");
  const exclude = options.exclude === undefined ? null : new IgnoreFile(options.exclude);
  return (await entriesOf({ tree, base, include, exclude }, signal)).map(({ path }) => path);
}

describe("a context", () => {
  it("resolves links inside of itself only", () => {
    const tree = treeOf(["a/b/c"], { up: "../../a", absolute: "/a/b", loop: "loop", chain: "up/b" });
    expect(tree.resolve("up/b/c")).toBe("a/b/c");
    expect(tree.resolve("absolute/c")).toBe("a/b/c");
    expect(tree.resolve("chain/c")).toBe("a/b/c");
    expect(tree.resolve("loop")).toBeNull();
    expect(tree.resolve("../../etc/passwd")).toBeNull();
  });

  it("takes no entry below a file or a link, and no file over a directory", () => {
    const tree = treeOf(["a/file"], { link: "a" });
    const entry = tree.entry("a/file");
    if (!entry) throw new Error("no entry");
    expect(tree.add("a/file/x", entry)).toBe(false);
    expect(tree.add("link/x", entry)).toBe(false);
    expect(tree.add("a", entry)).toBe(false);
    expect(tree.names("link")).toEqual([]);
  });

  it("names of a prototype are names like others", () => {
    const tree = treeOf(["__proto__/constructor", "toString"]);
    expect(tree.names("")).toEqual(["__proto__", "toString"]);
    expect(tree.text("__proto__/constructor")).toBe("__proto__/constructor");
  });

  it("finds sources with wildcards, sorted", () => {
    const tree = treeOf(["b.txt", "a.txt", "d/c.txt", "d/e.md"]);
    const found = (pattern: string) => findSources(tree, pattern).map(({ path }) => path);
    expect(found("*.txt")).toEqual(["a.txt", "b.txt"]);
    expect(found("*/*.txt")).toEqual(["d/c.txt"]);
    expect(found("./d/")).toEqual(["d"]);
    expect(found("nothing*")).toEqual([]);
    expect(found(".")).toEqual([""]);
  });

  it("follows a link up to the first wildcard and at the end, and looks into none that a wildcard found", () => {
    const tree = treeOf(["real/x.txt"], { link: "real", named: "real/x.txt" });
    const found = (pattern: string) => findSources(tree, pattern);
    expect(found("link/*.txt")).toEqual([{ path: "link/x.txt", resolved: "real/x.txt" }]);
    expect(found("l*/x.txt")).toEqual([]);
    expect(found("nam*")).toEqual([{ path: "named", resolved: "real/x.txt" }]);
  });

  it("follows a link of half a million parts", () => {
    const tree = treeOf(["x"], { link: "./".repeat(500_000), lost: "a/".repeat(500_000) });
    expect(tree.resolve("link/x")).toBe("x");
    expect(tree.resolve("lost")).toBeNull();
  });

  it("walks parents before children and does not follow links", async () => {
    const tree = treeOf(["d/b/c", "d/a"], { "d/l": ".." });
    expect(await pathsOf(tree, "d")).toEqual(["a", "b", "b/c", "l"]);
  });

  it("leaves out what is excluded, and the way to it", async () => {
    const tree = treeOf(["a/x.md", "a/y.txt", "b/z.md", "w.md"]);
    expect(await pathsOf(tree, "", { exclude: "**/*.md" })).toEqual(["a", "a/y.txt", "b"]);
    expect(await pathsOf(tree, "", { exclude: "a\n!a/y.txt" })).toEqual([
      "a",
      "a/y.txt",
      "b",
      "b/z.md",
      "w.md",
    ]);
  });

  it("keeps the directories that a match lies in, and all below it", async () => {
    const tree = treeOf(["a/b/c/one", "a/b/two", "a/three", "d/b/four"]);
    expect(await pathsOf(tree, "", { include: "a/b" })).toEqual([
      "a",
      "a/b",
      "a/b/c",
      "a/b/c/one",
      "a/b/two",
    ]);
    expect(await pathsOf(tree, "", { include: "*/b/*" })).toEqual([
      ...["a", "a/b", "a/b/c", "a/b/c/one", "a/b/two"],
      ...["d", "d/b", "d/b/four"],
    ]);
    expect(await pathsOf(tree, "", { include: "**/one" })).toEqual(["a", "a/b", "a/b/c", "a/b/c/one"]);
  });

  it("leaves out what is ignored, and keeps the way to what is brought back", async () => {
    const tree = treeOf(["node_modules/a/b", "keep/x", "keep/y", "z"]);
    await tree.ignore(new IgnoreFile("node_modules\nkeep\n!keep/x\n"));
    expect(await pathsOf(tree, "")).toEqual(["keep", "keep/x", "z"]);
    expect(tree.ignoredBy("node_modules")).toMatchObject({ line: 1, pattern: "node_modules" });
    expect(tree.ignoredBy("keep/y")).toMatchObject({ line: 2, pattern: "keep" });
    expect(tree.ignoredBy("keep/x")).toBeNull();
  });
});
