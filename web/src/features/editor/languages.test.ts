import { StreamLanguage } from "@codemirror/language";
import { highlightTree, tagHighlighter, tags } from "@lezer/highlight";
import { expect, test } from "vitest";
import { isDockerfile, isIgnoreFile } from "./file-kinds.ts";
import { ignoreFileMode } from "./ignore-file-mode.ts";
import { languageOf, loadLanguage } from "./languages.ts";

test.each([
  ["Dockerfile", "Dockerfile"],
  ["docker/Dockerfile.dev", "Dockerfile"],
  ["api.dockerfile", "Dockerfile"],
  [".dockerignore", "Ignore file"],
  ["Dockerfile.dockerignore", "Ignore file"],
  ["src/app.js", "JavaScript"],
  ["main.ts", "TypeScript"],
  ["main.py", "Python"],
  ["package.json", "JSON"],
  ["compose.yaml", "YAML"],
  ["start.sh", "Shell"],
  ["index.html", "HTML"],
  ["style.css", "CSS"],
  ["hello.c", "C"],
  ["main.go", "Go"],
  ["nginx.conf", "Nginx"],
  ["Cargo.toml", "TOML"],
])("%s is %s", (path, language) => {
  expect(languageOf(path)?.name).toBe(language);
});

test("a file of no known kind is plain text", () => {
  expect(languageOf("data.unknown-kind")).toBeNull();
});

test("the ignore file of a Dockerfile is no Dockerfile", () => {
  expect(isDockerfile("Dockerfile.dockerignore")).toBe(false);
  expect(isIgnoreFile("Dockerfile")).toBe(false);
});

test("a language is loaded once", async () => {
  const python = languageOf("main.py");
  if (python === null) throw new Error("Python is known");
  expect(await loadLanguage(python)).toBe(await loadLanguage(python));
});

test("an ignore file has comments, exceptions and wildcards told apart", () => {
  const text = "# why\n!keep/*.log\n #file\n";
  const found: [string, string][] = [];
  const colours = tagHighlighter([
    { tag: tags.comment, class: "comment" },
    { tag: tags.keyword, class: "exception" },
    { tag: tags.number, class: "wildcard" },
    { tag: tags.string, class: "name" },
  ]);
  highlightTree(StreamLanguage.define(ignoreFileMode).parser.parse(text), colours, (from, to, kind) => {
    found.push([kind, text.slice(from, to)]);
  });
  expect(found).toEqual([
    ["comment", "# why"],
    ["exception", "!"],
    ["name", "keep/"],
    ["wildcard", "*"],
    ["name", ".log"],
    ["name", "#file"],
  ]);
});
