import { describe, expect, it } from "vitest";
import { ExpansionError, expandText, expandWord, expandWords } from "./expansion.ts";

const variables = new Map([
  ["A", "one"],
  ["EMPTY", ""],
  ["PATH", "/bin:/usr/bin"],
  ["FILE", "archive.tar.gz"],
  ["LIST", "80 443"],
]);

const cases: [word: string, expanded: string][] = [
  ["plain", "plain"],
  ["$A", "one"],
  [`\${A}two`, "onetwo"],
  ["$UNSET.", "."],
  ["'$A'", "$A"],
  ['"$A b"', "one b"],
  ["\\$A", "$A"],
  ['"\\$A"', "$A"],
  ['"a\\b"', "a\\b"],
  ["$", "$"],
  ["a$/b", "a$/b"],
  [`\${UNSET:-x}`, "x"],
  [`\${EMPTY:-x}`, "x"],
  [`\${EMPTY-x}`, ""],
  [`\${A:+x}`, "x"],
  [`\${EMPTY:+x}`, ""],
  [`\${EMPTY+x}`, "x"],
  [`\${UNSET:-\${A}}`, "one"],
  [`\${UNSET:-\${NO:-$A}}/z`, "one/z"],
  [`\${FILE%.*}`, "archive.tar"],
  [`\${FILE%%.*}`, "archive"],
  [`\${FILE#*.}`, "tar.gz"],
  [`\${FILE##*.}`, "gz"],
  [`\${FILE/a/X}`, "Xrchive.tar.gz"],
  [`\${FILE//a/X}`, "Xrchive.tXr.gz"],
  ["$PATH:/opt", "/bin:/usr/bin:/opt"],
];

describe("a word is expanded as BuildKit does", () => {
  it.each(cases)("%s gives %s", (word, expanded) => {
    expect(expandWord(word, variables, "\\")).toBe(expanded);
  });

  it(`\${name:?message} of an unset name is an error with the message`, () => {
    expect(() => expandWord(`\${UNSET:?give one}`, variables, "\\")).toThrow(/UNSET: give one/);
  });

  it.each([`\${A`, "'open", '"open', `\${A!b}`])("%s is an error", (word) => {
    expect(() => expandWord(word, variables, "\\")).toThrow(ExpansionError);
  });

  it("a value with white space becomes several words where words are asked for", () => {
    expect(expandWords('$LIST "$LIST" 22', variables, "\\")).toEqual(["80", "443", "80 443", "22"]);
  });

  it("a here-document keeps its quotes", () => {
    expect(expandText("'$A' \"\\$A\"\n", variables, "\\")).toBe("'one' \"$A\"\n");
  });

  it("a pattern of wildcards against a long value ends in time", () => {
    const long = new Map([["L", "a".repeat(1000)]]);
    const started = performance.now();
    expect(expandWord(`\${L##${"*a".repeat(20)}b}`, long, "\\")).toBe("a".repeat(1000));
    expect(performance.now() - started).toBeLessThan(1000);
  });
});
