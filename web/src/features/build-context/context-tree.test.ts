import { IgnoreFile } from "@slipway/dockerfile";
import { expect, test } from "vitest";
import { type ContextNode, contextView, withRule } from "./context-tree.ts";

const FILES = [
  { path: "Dockerfile", bytes: 100 },
  { path: "src/app.js", bytes: 2000 },
  { path: "src/debug.log", bytes: 500 },
  { path: "node_modules/left-pad/index.js", bytes: 90_000 },
  { path: "node_modules/left-pad/package.json", bytes: 300 },
];

/** A tree in lines: name, bytes that go, the deciding line. */
function lines(node: ContextNode, depth = 0): string[] {
  const bytes = node.kind === "file" ? (node.sent ? node.bytes : 0) : node.sent.bytes;
  const line = `${"  ".repeat(depth)}${node.name} ${bytes}${node.rule ? ` by ${node.rule.line}` : ""}`;
  return [line, ...(node.kind === "folder" ? node.children.flatMap((child) => lines(child, depth + 1)) : [])];
}

test("without an ignore file everything goes, folders first, and node_modules is doubted", () => {
  const { root, largest, doubtful } = contextView(FILES, null);
  expect(lines(root)).toEqual([
    " 92900",
    "  node_modules 90300",
    "    left-pad 90300",
    "      index.js 90000",
    "      package.json 300",
    "  src 2500",
    "    app.js 2000",
    "    debug.log 500",
    "  Dockerfile 100",
  ]);
  expect(root.sent).toEqual({ files: 5, bytes: 92_900 });
  expect(largest[0]?.path).toBe("node_modules/left-pad/index.js");
  expect(doubtful.map(({ path }) => path)).toEqual(["node_modules"]);
});

test("each file that is left out names the line that did it, and a folder the one for all that is in it", () => {
  const ignoreFile = new IgnoreFile("# ours\nnode_modules\n**/*.log\n!src/debug.log\n*.md\n");
  const { root, doubtful } = contextView([...FILES, { path: "docs/a.log", bytes: 7 }], ignoreFile);
  expect(lines(root)).toEqual([
    " 2600",
    "  docs 0 by 3",
    "    a.log 0 by 3",
    "  node_modules 0 by 2",
    "    left-pad 0 by 2",
    "      index.js 0 by 2",
    "      package.json 0 by 2",
    "  src 2500",
    "    app.js 2000",
    "    debug.log 500 by 4",
    "  Dockerfile 100",
  ]);
  expect(root.leftOut).toEqual({ files: 3, bytes: 90_307 });
  expect(doubtful).toEqual([]);
});

test("a nested folder that seldom belongs into an image is found, and once", () => {
  const { doubtful } = contextView(
    [
      { path: "web/node_modules/a/node_modules/b.js", bytes: 1 },
      { path: ".git/config", bytes: 1 },
    ],
    null,
  );
  expect(doubtful.map(({ path }) => path)).toEqual([".git", "web/node_modules"]);
});

test("an empty playground has an empty context", () => {
  expect(contextView([], null).root).toMatchObject({
    sent: { files: 0, bytes: 0 },
    rule: null,
    children: [],
  });
});

test("a rule gets a line of its own", () => {
  expect(withRule("", "a")).toBe("a\n");
  expect(withRule("b", "a")).toBe("b\na\n");
  expect(withRule("b\n", "a")).toBe("b\na\n");
});
