import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { createTranslator } from "use-intl/core";
import { describe, expect, test } from "vitest";
import { en } from "../../../ui/messages/en.ts";
import { ko } from "../../../ui/messages/ko.ts";
import type { TypedMessages } from "../../../ui/messages/messages.ts";
import { type Explanation, explain, type Failure } from "./explain.ts";

const directory = path.join(import.meta.dirname, "testdata");
const read = (name: string, file: string) =>
  JSON.parse(readFileSync(path.join(directory, name, file), "utf8")) as unknown;
/** How real builds failed: testdata/README.md. */
const recorded = readdirSync(directory).filter((name) => !name.includes("."));

const failure = (lastLines: string[], facts: Partial<Failure> = {}): Failure => ({
  error: { code: "run-failed", params: {} },
  exitCode: 1,
  lastLines,
  instruction: "RUN something",
  ...facts,
});

describe("what real builds failed with is explained", () => {
  test.each(recorded)("%s", async (name) => {
    const explanation = explain(read(name, "failure.json") as Failure);
    await expect(`${JSON.stringify(explanation, null, 2)}\n`).toMatchFileSnapshot(
      path.join(directory, name, "explanation.json"),
    );
  });

  test("and these are more than the twenty most common failures", () => {
    const kinds = recorded.map((name) => (read(name, "explanation.json") as Explanation | null)?.kind);
    expect(new Set(kinds.filter(Boolean)).size).toBeGreaterThan(30);
  });
});

/** Failures that a machine without internet does not have, in the words of the programs' sources. */
test.each([
  [
    "apk-package-unknown",
    "nodejss",
    ["ERROR: unable to select packages:", "  nodejss (no such package):", "    required by: world[nodejss]"],
  ],
  ["line-ends", "", ["env: 'bash\\r': No such file or directory"]],
  ["certificate", "", ["curl: (60) SSL certificate problem: unable to get local issuer certificate"]],
  ["download-missing", "", ["curl: (22) The requested URL returned error: 404"]],
  ["no-connection", "", ["curl: (7) Failed to connect to 10.0.0.1 port 80: Connection refused"]],
  ["npm-package-unknown", "left-padd", ["npm error 404  'left-padd@*' is not in this registry."]],
  [
    "npm-lock-missing",
    "",
    ["npm error The `npm ci` command can only install with an existing package-lock.json or"],
  ],
  ["disk-full", "", ["cp: error writing '/x': No space left on device"]],
] as const)("%s is known by its output", (kind, name, lines) => {
  expect(explain(failure([...lines]))).toEqual({ kind, name });
});

test.each([
  ["image-unknown", "nodde", "nodde", "a pull of nodde:latest (docker.io: 404 Not Found)"],
  ["tag-unknown", "mysql:99.9", "mysql:99.9", "a pull of mysql:99.9 (docker.io: manifest unknown)"],
  ["tag-unknown", "reg.example:5000/a:b", "reg.example:5000/a:b", ""],
  ["image-unknown", "reg.example:5000/a", "reg.example:5000/a", ""],
] as const)(
  "a registry that answers tells a wrong name from a wrong tag: %s of %s",
  (kind, name, reference, tried) => {
    const error = { code: "base-image-missing", params: { reference, tried } } as const;
    expect(explain(failure([], { error, instruction: `FROM ${reference}` }))).toEqual({ kind, name });
  },
);

test("a failure that is none of the common ones is not explained", () => {
  expect(explain(failure(["Tests: 3 failed"]))).toBeNull();
  expect(explain(failure([]))).toBeNull();
});

test("no line, however long or odd, takes time or breaks the explanation", () => {
  const lines = [
    "(".repeat(100_000),
    `${"a/".repeat(50_000)}: Permission denied`,
    "'".repeat(100_000),
    "\u0000\uffff",
  ];
  expect(() => explain(failure(lines, { instruction: "[".repeat(10_000) }))).not.toThrow();
  const named = explain(failure([`${"x".repeat(900)}: Permission denied`]));
  expect(named?.name.length).toBeLessThanOrEqual(200);
});

test.each([
  ["en", en],
  ["ko", ko],
] as const)(
  "every explanation has its words in %s, and names what the failure is about",
  (locale, messages) => {
    const failed: unknown[] = [];
    const t = createTranslator({
      locale,
      messages: messages as TypedMessages,
      onError: (error) => failed.push(error),
    });
    const values = { name: "NAME", rule: "RULE", line: "7", stage: "STAGE" };
    for (const kind of Object.keys(en.explanations.kind) as Explanation["kind"][]) {
      for (const part of ["why", "fix"] as const) {
        const sentence = t(`explanations.kind.${kind}.${part}`, values);
        expect(sentence).not.toMatch(/explanations\.kind|[{}]/);
        const written = en.explanations.kind[kind][part];
        if (written.includes("{rule}")) expect(sentence).toContain("RULE");
      }
    }
    expect(failed).toEqual([]);
  },
);
