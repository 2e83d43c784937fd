import type { DirectoryEntry } from "@slipway/protocol";
import { expect, it } from "vitest";
import {
  ancestorsOf,
  missingPages,
  moveFor,
  PAGE_ENTRIES,
  rowsOf,
  type Tree,
  withPage,
} from "./tree-model.ts";

const entry = (name: string, kind: DirectoryEntry["kind"] = "file"): DirectoryEntry => ({
  name,
  kind,
  sizeBytes: 1,
  mode: 0o644,
  uid: 0,
  gid: 0,
  target: "",
  layer: 0,
  change: null,
});

const nothing: Tree = { directories: new Map(), expanded: new Set() };
const root = withPage(nothing, "", 0, { total: 2, entries: [entry("etc", "directory"), entry("f")] });
const open: Tree = {
  ...withPage(root, "etc", 0, { total: 1, entries: [entry("passwd")] }),
  expanded: new Set(["etc"]),
};

const shown = (tree: Tree) => rowsOf(tree).map(({ depth, entry: has }) => `${depth} ${has?.name ?? "?"}`);

it("a directory's lines are below it while it is expanded", () => {
  expect(shown(root)).toEqual(["1 etc", "1 f"]);
  expect(shown(open)).toEqual(["1 etc", "2 passwd", "1 f"]);
});

it("a directory of ten thousand has as many lines at once, and only the page in sight is asked for", () => {
  const tree = withPage(nothing, "", 0, { total: 10_000, entries: [entry("a")] });
  const rows = rowsOf(tree);
  expect(rows).toHaveLength(10_000);
  expect(missingPages(rows, 5_010, 5_040)).toEqual([{ directory: "", offset: 5_000 }]);
  expect(missingPages(rows, -10, 1)).toEqual([]);
  expect(missingPages(rows, 5_190, 5_210).map(({ offset }) => offset)).toEqual([5_000, 5_000 + PAGE_ENTRIES]);
});

it("arrow keys go through the lines, and open and close directories", () => {
  const rows = rowsOf(open);
  expect(moveFor("ArrowDown", rows, 2, 10)).toEqual({ kind: "go", row: 2 });
  expect(moveFor("ArrowUp", rows, 2, 10)).toEqual({ kind: "go", row: 1 });
  expect(moveFor("ArrowRight", rows, 0, 10)).toEqual({ kind: "go", row: 1 });
  expect(moveFor("ArrowRight", rowsOf(root), 0, 10)).toEqual({ kind: "expand", path: "etc" });
  expect(moveFor("ArrowLeft", rows, 1, 10)).toEqual({ kind: "go", row: 0 });
  expect(moveFor("ArrowLeft", rows, 0, 10)).toEqual({ kind: "collapse", path: "etc" });
  expect(moveFor("ArrowLeft", rows, 2, 10)).toBeNull();
  expect(moveFor("End", rows, 0, 10)).toEqual({ kind: "go", row: 2 });
  expect(moveFor("PageUp", rows, 2, 10)).toEqual({ kind: "go", row: 0 });
  expect(moveFor("x", rows, 0, 10)).toBeNull();
});

it("knows the directories on the way to a path", () => {
  expect(ancestorsOf("usr/lib/x/y")).toEqual(["usr", "usr/lib", "usr/lib/x"]);
  expect(ancestorsOf("f")).toEqual([]);
});
