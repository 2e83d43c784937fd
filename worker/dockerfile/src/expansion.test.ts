import { describe, expect, it } from "vitest";
import {
  ExpansionError,
  expandNoting,
  expandText,
  expandWord,
  expandWords,
  MAX_EXPANDED_CHARACTERS,
} from "./expansion.ts";

const variables = new Map([
  ["DIR", "/home"],
  ["SH", "bash"],
  ["한국", "서울"],
  ["EMPTY", ""],
]);

/** Braces of its own, so that no template is meant. */
const b = (inner: string) => `$${inner}`;

const quoting: [word: string, expanded: string | null][] = [
  ["hello", "hello"],
  ["he'll'o", "hello"],
  ["he'llo", null],
  ["he\\'llo", "he'llo"],
  ["he\\\\'llo", null],
  ["a\\tb", "atb"],
  ['"a\\tb"', "a\\tb"],
  ['"a\\\\tb"', "a\\tb"],
  ["'a\\tb'", "a\\tb"],
  ["end\\", "end"],
  ["end\\\\", "end\\"],
  ['"open', null],
  ['"open\\"', null],
  [`"it's"`, "it's"],
  ["'open", null],
  ["'end\\'", "end\\"],
  ["'a\\\\b'", "a\\\\b"],
  [`"''"`, "''"],
  ['""', ""],
  ["$.", "$."],
  ["$", "$"],
  ["a$/b", "a$/b"],
  ["a$1b", "ab"],
  ["a$12b", "ab"],
  ["$$x", "x"],
  ["$@x", "x"],
  ["$dir.", "."],
  ["a$DIR", "a/home"],
  ["a\\$DIR", "a$DIR"],
  ["a\\\\$DIR", "a\\/home"],
  ['"a\\$DIR"', "a$DIR"],
  ['"a\\\\$DIR"', "a\\/home"],
  [`"a'$DIR'"`, "a'/home'"],
  ["'$DIR'", "$DIR"],
  ["'\"a\"'", '"a"'],
  ["$DIRx", ""],
  ["$한국", "서울"],
  ["안'녕'", "안녕"],
  ["👋$DIR", "👋/home"],
];

const braced: [word: string, expanded: string | null][] = [
  [`\\${b("{}")}a`, `${b("{}")}a`],
  [b("{}"), null],
  [`a${b("{no}")}b`, "ab"],
  [`a${b("{DIR}")}`, "a/home"],
  [b("{DIR}}"), "/home}"],
  [b("{.}"), null],
  [b("{{DIR}"), null],
  [b("{:}"), null],
  [b("{:-x}"), null],
  [b("{DIR"), null],
  [b("{DIR:x}"), null],
  [b("{DIR:=x}"), null],
  [b("{DIR=x}"), null],
  [b("{DIR!x}"), null],
  [b("{DIR^^}"), null],
  [b("{DIR:0:1}"), null],
  [b("{#DIR}"), null],
  [b("{no:-x}y"), "xy"],
  [b("{EMPTY:-x}"), "x"],
  [b("{EMPTY-x}"), ""],
  [b("{no-x}"), "x"],
  [b("{DIR:-x}"), "/home"],
  [b("{DIR:+x}"), "x"],
  [b("{EMPTY:+x}"), ""],
  [b("{EMPTY+x}"), "x"],
  [b("{no+x}"), ""],
  [b("{no:-$DIR}"), "/home"],
  [b(`{no:-${b("{never:-$SH}")}}.`), "bash."],
  [b(`{DIR:+${b("{SH}")}:}x`), "bash:x"],
  [b("{no:-\\$DIR:}"), "$DIR:"],
  [b("{no:-\\}}"), "}"],
  [b("{no:-'}'}"), "}"],
  [b('{no:-"a b"}'), "a b"],
  [b("{no:-a {b}"), "a {b"],
  [b(`{no:-a ${b("{SH}")}`), null],
  [b("{DIR?x}"), "/home"],
  [b("{EMPTY?x}"), ""],
  [b("{EMPTY:?x}"), null],
  [b("{no?x}"), null],
];

const files = new Map([
  ["F", "archive.tar.gz"],
  ["P", "/a/foo/b/c.txt"],
  ["S", "/foo*/*/*.txt"],
  ["U", "http://example.org"],
  ["STAR", "\\*/"],
  ["SPECIAL", "()[]{}^$.*?|\\x"],
  ["E", "한국어"],
  ["NONE", ""],
]);

const patterns: [word: string, expanded: string | null][] = [
  [b("{F#*.}"), "tar.gz"],
  [b("{F##*.}"), "gz"],
  [b("{F%.*}"), "archive.tar"],
  [b("{F%%.*}"), "archive"],
  [b("{F#archive}"), ".tar.gz"],
  [b("{F#chive}"), "archive.tar.gz"],
  [b("{F#}"), "archive.tar.gz"],
  [b("{F##}"), "archive.tar.gz"],
  [b("{F%}"), "archive.tar.gz"],
  [b("{F#*}"), "archive.tar.gz"],
  [b("{F##*}"), ""],
  [b("{F%%*}"), ""],
  [b("{F#*a*a}"), "r.gz"],
  [b("{F%?.?z}"), "archive.ta"],
  [b("{F#$NONE}"), "archive.tar.gz"],
  [b("{E#?}"), "국어"],
  [b("{E%?}"), "한국"],
  [b("{no#x}"), ""],
  [b("{SPECIAL#()[]{\\}^$.\\*\\?|\\\\}"), "x"],
  [b("{F#\\a}"), null],
  [b("{F:#a}"), null],
  [b("{F:/a/b}"), null],
  [b("{F/a/X}"), "Xrchive.tar.gz"],
  [b("{F//a/X}"), "Xrchive.tXr.gz"],
  [b("{F/a*r/X}"), "X.gz"],
  [b("{F//?r/<>}"), "<>chive.t<>.gz"],
  [b("{F//./}"), "archivetargz"],
  [b("{F/z/}"), "archive.tar.g"],
  [b("{F/no/X}"), "archive.tar.gz"],
  [b("{F/a}"), null],
  [b("{F//a}"), null],
  [b("{F//}"), null],
  [b("{F///}"), "archive.tar.gz"],
  [b("{no///}"), ""],
  [b("{F/$NONE/X}"), "Xarchive.tar.gz"],
  [b("{E//$NONE/-}"), "-한-국-어-"],
  [b("{P//\\//\\/}"), "\\/a\\/foo\\/b\\/c.txt"],
  [b("{P//\\/?\\//+}"), "+foo+c.txt"],
  [b("{S//$STAR/.}"), "/foo..*.txt"],
  [b("{S/$STAR/.}"), "/foo.*/*.txt"],
  [b("{U/http:\\/\\//https:\\/\\/}"), "https:\\/\\/example.org"],
];

describe("a word is expanded as BuildKit's lexer does it", () => {
  const check = (word: string, expanded: string | null, values: Map<string, string>): void => {
    if (expanded === null) expect(() => expandWord(word, values, "\\")).toThrow(ExpansionError);
    else expect(expandWord(word, values, "\\")).toBe(expanded);
  };

  it.each(quoting)("quotes: %s gives %j", (word, expanded) => check(word, expanded, variables));
  it.each(braced)("braces: %s gives %j", (word, expanded) => check(word, expanded, variables));
  it.each(patterns)("patterns: %s gives %j", (word, expanded) => check(word, expanded, files));

  it("the escape directive says what escapes", () => {
    expect(expandWord("`$DIR \\$DIR", variables, "`")).toBe("$DIR \\/home");
  });

  it.each([
    [b("{no:?give $SH}"), "no: give bash"],
    [b("{no?}"), "no: is not allowed to be unset"],
    [b("{EMPTY:?}"), "EMPTY: is not allowed to be empty"],
  ])("%s fails with %j", (word, message) => {
    expect(() => expandWord(word, variables, "\\")).toThrow(message);
  });
});

describe("words", () => {
  const values = new Map([
    ["hi", "hi"],
    ["space", "abc  def"],
    ["around", "  ab c   "],
  ]);

  it.each([
    ["hello", ["hello"]],
    ["hello$hi", ["hellohi"]],
    ["hello$none", ["hello"]],
    [`hello${b("{space}")}bye`, ["helloabc", "defbye"]],
    [`hello"${b("{space}")}"bye`, ["helloabc  defbye"]],
    ['hello "$space"bye', ["hello", "abc  defbye"]],
    [`hello${b("{around}")}def`, ["hello", "ab", "c", "def"]],
    ['hello"$around" def', ["hello  ab c   ", "def"]],
    ['hello" there  "', ["hello there  "]],
    ["hello\\ there", ["hello there"]],
    ['hello\\" there', ['hello"', "there"]],
    [b("{none:-a b}"), ["a", "b"]],
    [`x${b("{none:-a}")}`, ["xa"]],
    ['"" $none', []],
    ["80 443/tcp", ["80", "443/tcp"]],
  ])("%s are %j", (text, words) => {
    expect(expandWords(text, values, "\\")).toEqual(words);
  });
});

describe("a here-document", () => {
  it("keeps its quotes and loses its backslashes", () => {
    expect(expandText(`'$SH' "\\$SH" it's ${b("{no:-'a'}")}\\n`, variables)).toBe(`'bash' "$SH" it's 'a'n`);
  });
});

it("the names that a word uses are told apart by whether they are set", () => {
  const { matched, unmatched } = expandNoting(`$SH ${b("{EMPTY:-$no}")} '$never'`, variables, "\\");
  expect([...matched, "|", ...unmatched]).toEqual(["SH", "EMPTY", "|", "no"]);
});

describe("what a stranger writes ends in time", () => {
  const inTime = (work: () => unknown): void => {
    const before = process.cpuUsage();
    try {
      work();
    } catch (error) {
      expect(error).toBeInstanceOf(ExpansionError);
    }
    expect(process.cpuUsage(before).user / 1000).toBeLessThan(1500);
  };

  it("deep nesting is an error", () => {
    const deep = `${b("{a:-").repeat(20_000)}x${"}".repeat(20_000)}`;
    expect(() => expandWord(deep, variables, "\\")).toThrow("nested too deeply");
  });

  it("values that double each other are an error", () => {
    let values = new Map([["A", "x".repeat(1024)]]);
    const grow = (): void => {
      for (let round = 0; round < 40; round += 1) values = new Map([["A", expandWord("$A$A", values, "\\")]]);
    };
    expect(grow).toThrow(`more than ${MAX_EXPANDED_CHARACTERS} characters`);
  });

  it.each([
    ["a megabyte of quotes", `${'"'.repeat(1_000_000)}`],
    ["a megabyte of open braces", b("{").repeat(500_000)],
    ["a megabyte of dollars", "$".repeat(1_000_000)],
    ["a megabyte of backslashes", "\\".repeat(1_000_000)],
    ["a megabyte of defaults side by side", b("{a:-x}").repeat(150_000)],
    ["many wildcards against a long value", b(`{L##${"*a".repeat(2000)}b}`)],
    ["many wildcards from behind", b(`{L%%${"*a".repeat(2000)}b}`)],
    ["many replacements", b("{L//a/bb}")],
    ["a pattern that never matches", b(`{L//${"a?".repeat(2000)}c/x}`)],
  ])("%s", (_, text) => {
    const values = new Map([["L", "a".repeat(60_000)]]);
    inTime(() => expandWord(text, values, "\\"));
    inTime(() => expandWords(text, values, "\\"));
    inTime(() => expandText(text, values));
  });
});
