import { describe, expect, test } from "vitest";
import { IgnoreFile } from "../ignore-file.ts";
import { checkDockerfile } from "./check.ts";
import { DockerfileText } from "./dockerfile-text.ts";
import { quickFixes } from "./quick-fixes.ts";
import { applyEdits } from "./text-places.ts";

const ALONE = { ignoreFile: null, files: null };

/** The text after the n-th fix of the first diagnostic with a code. */
function fixed(source: string, code: string, choice = 0): string | undefined {
  const text = new DockerfileText(source);
  const diagnostic = checkDockerfile(text, ALONE).find((one) => one.code === code);
  expect(diagnostic?.code).toBe(code);
  const fix = diagnostic && quickFixes(text, diagnostic)[choice];
  return fix && applyEdits(source, fix.edits);
}

/** Diagnostics after a fix. */
const codes = (source: string): string[] =>
  checkDockerfile(new DockerfileText(source), ALONE).map(({ code }) => code);

describe("each fix mends what it is offered for", () => {
  test.each([
    ["instruction-unknown", "FROM a\nRUNN x\n", "FROM a\nRUN x\n"],
    ["instruction-unknown", "FROM a\nrunn x\n", "FROM a\nrun x\n"],
    ["flag-unknown", "FROM a\nCOPY --form=b x y\n", "FROM a\nCOPY --from=b x y\n"],
    ["flag-invalid", "FROM a\nRUN --network=hots x\n", "FROM a\nRUN --network=host x\n"],
    ["heredoc-unterminated", "FROM a\nRUN <<EOF\necho", "FROM a\nRUN <<EOF\necho\nEOF\n"],
    ["from-missing", "# hi\nRUN x\n", "# hi\nFROM busybox\nRUN x\n"],
    ["argument-invalid", "FROM node builder\n", "FROM node AS builder\n"],
    ["argument-invalid", "from node builder\n", "from node as builder\n"],
    ["argument-invalid", "FROM node AS\n", "FROM node\n"],
    ["stage-name-invalid", "FROM node AS My!Stage\n", "FROM node AS my-stage\n"],
    [
      "StageNameCasing",
      "FROM a AS Base\nFROM Base AS b\nCOPY --from=Base x y\nRUN --mount=type=bind,from=Base,target=/x z\n",
      "FROM a AS base\nFROM base AS b\nCOPY --from=base x y\nRUN --mount=type=bind,from=base,target=/x z\n",
    ],
    ["FromAsCasing", "FROM a as b\n", "FROM a AS b\n"],
    ["ConsistentInstructionCasing", "FROM a\nRUN x\nrun y\n", "FROM a\nRUN x\nRUN y\n"],
    ["NoEmptyContinuation", "FROM a\nRUN x \\\n\n  y\n", "FROM a\nRUN x \\\n  y\n"],
    ["JSONArgsRecommended", "FROM a\nCMD node 'app.js' --x\n", 'FROM a\nCMD ["node", "app.js", "--x"]\n'],
    ["JSONArgsRecommended", "FROM a\nCMD a && b\n", 'FROM a\nCMD ["/bin/sh", "-c", "a && b"]\n'],
    ["JSONArgsRecommended", "FROM a\nCMD run $PORT\n", 'FROM a\nCMD ["/bin/sh", "-c", "exec run $PORT"]\n'],
    ["JSONArgsRecommended", "FROM a\nENTRYPOINT a \\\n  b\n", 'FROM a\nENTRYPOINT ["a", "b"]\n'],
    ["LegacyKeyValueFormat", "FROM a\nENV NAME some value\n", 'FROM a\nENV NAME="some value"\n'],
    ["LegacyKeyValueFormat", "FROM a\nLABEL a b\n", "FROM a\nLABEL a=b\n"],
    [
      "MaintainerDeprecated",
      "FROM a\nMAINTAINER Ann <a@b.c>\n",
      'FROM a\nLABEL org.opencontainers.image.authors="Ann <a@b.c>"\n',
    ],
    ["WorkdirRelativePath", "FROM a\nWORKDIR ./app\n", "FROM a\nWORKDIR /app\n"],
    ["MultipleInstructionsDisallowed", 'FROM a\nCMD ["x"]\nCMD ["y"]\n', 'FROM a\nCMD ["y"]\n'],
    [
      "UndefinedVar",
      "FROM a\nENV PORT=1\nEXPOSE 1\nUSER $PROT\n",
      "FROM a\nENV PORT=1\nEXPOSE 1\nUSER $PORT\n",
    ],
    ["UndefinedVar", "FROM a\nUSER $SOMEBODY\n", "FROM a\nARG SOMEBODY\nUSER $SOMEBODY\n"],
    ["UndefinedArgInFrom", "FROM node:$VERSION\n", "ARG VERSION\nFROM node:$VERSION\n"],
    ["RedundantTargetPlatform", "FROM --platform=$TARGETPLATFORM a\n", "FROM a\n"],
    ["FromPlatformFlagConstDisallowed", "FROM --platform=linux/amd64 a\n", "FROM a\n"],
    ["ExposeProtoCasing", "FROM a\nEXPOSE 80/TCP 81\n", "FROM a\nEXPOSE 80/tcp 81\n"],
    ["ExposeInvalidFormat", "FROM a\nEXPOSE 8080:80\n", "FROM a\nEXPOSE 80\n"],
  ])("%s in %j", (code, source, expected) => {
    expect(fixed(source, code)).toBe(expected);
    const again = codes(expected).filter((one) => one === code);
    expect(again.length).toBeLessThan(codes(source).filter((one) => one === code).length);
  });

  test("of two fixes for one casing, the second writes all in capitals", () => {
    expect(fixed('FROM a\nrun x\ncopy a b\nRUN y\nCMD ["z"]\n', "ConsistentInstructionCasing", 1)).toBe(
      'FROM a\nRUN x\nCOPY a b\nRUN y\nCMD ["z"]\n',
    );
  });

  test("the value of an old ENV stays the same, with quotes and escapes in it", () => {
    for (const value of ["a b", 'say "hi there" now', "it\\'s fine", "plain", 'a\\ b "c  d"']) {
      const before = new DockerfileText(`FROM a\nENV X ${value}\nWORKDIR /$X\n`);
      const after = new DockerfileText(fixed(before.text, "LegacyKeyValueFormat") ?? "");
      const [pair] = after.dockerfile.instructions.flatMap((one) => (one.kind === "env" ? one.pairs : []));
      expect(pair?.key).toBe("X");
      expect(after.dockerfile.diagnostics).toEqual([]);
    }
  });
});

test("a fix of a continued instruction leaves the lines around it alone", () => {
  const source = "FROM a\n# before\nCMD run \\\n  # why\n  --fast\n# after\n";
  expect(fixed(source, "JSONArgsRecommended")).toBe('FROM a\n# before\nCMD ["run", "--fast"]\n# after\n');
});

test("the checks are the builder's: a copied file that the ignore file leaves out is told", () => {
  const surroundings = { ignoreFile: new IgnoreFile("app.js"), files: ["app.js", "Dockerfile"] };
  const found = checkDockerfile(new DockerfileText("FROM a\nCOPY app.js /\n"), surroundings);
  expect(found.map(({ code }) => code)).toEqual(["CopyIgnoredFile"]);
});

test("a variable that the base image sets is not called undefined", () => {
  expect(codes("FROM node\nENV V=$NODE_VERSION\n")).toEqual([]);
});

test("a platform that this machine may not be is no matter of the editor", () => {
  expect(codes("FROM --platform=$BUILDPLATFORM a AS x-linux\n")).toEqual([]);
});

test("whatever is written, looking for fixes does not throw", () => {
  const text =
    "FROM a b c\nFROM\nRUN <<A <<B\nCMD\nENV\nENV A\nexpose 1:2:3/TCP\nWORKDIR\nCOPY --from= --form x\n\u0000";
  const parsed = new DockerfileText(text);
  for (const diagnostic of checkDockerfile(parsed, ALONE)) quickFixes(parsed, diagnostic);
});
