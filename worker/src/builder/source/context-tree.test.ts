import { IgnoreFile } from "@slipway/dockerfile";
import { describe, expect, it } from "vitest";
import { ContextTree } from "./context-tree.ts";
import { findSources, walkSource } from "./source-tree.ts";

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
      content: "",
    });
  }
  return tree;
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

  it("walks parents before children and does not follow links", () => {
    const tree = treeOf(["d/b/c", "d/a"], { "d/l": ".." });
    expect([...walkSource(tree, "d")].map(({ path }) => path)).toEqual(["", "a", "b", "b/c", "l"]);
  });

  it("leaves out what is ignored, and keeps the way to what is brought back", () => {
    const tree = treeOf(["node_modules/a/b", "keep/x", "keep/y", "z"]);
    tree.ignore(new IgnoreFile("node_modules\nkeep\n!keep/x\n"));
    expect([...walkSource(tree, "")].map(({ path }) => path)).toEqual(["", "keep", "keep/x", "z"]);
    expect(tree.wasIgnored("node_modules")).toBe(true);
  });
});
