import { describe, expect, it } from "vitest";
import { IgnoreFile } from "../ignore-file.ts";
import { parseDockerfile } from "../parser.ts";
import { type LintOptions, lint } from "./lint.ts";
import { LINT_RULES, type LintRule, lintRuleUrl } from "./rules.ts";

const found = (text: string, options: LintOptions = {}) =>
  lint(parseDockerfile(text), options).map(
    ({ code, range, message }) => [range.startLine, code, message] as const,
  );

type Case = [text: string, ...expected: (readonly [line: number, rule: LintRule, message: string])[]];

const cases: Case[] = [
  ["FROM scratch AS base\nCOPY a /b\n"],
  ["FROM scratch AS BadName", [1, "StageNameCasing", "Stage name 'BadName' should be lowercase"]],
  ["FROM scratch as b", [1, "FromAsCasing", "'as' and 'FROM' keywords' casing do not match"]],
  ["from scratch AS b", [1, "FromAsCasing", "'AS' and 'from' keywords' casing do not match"]],
  ["FROM scratch\nCOPY a \\\n\n.\n", [3, "NoEmptyContinuation", "Empty continuation line"]],
  [
    "FROM scratch\ncopy a /b\nCOPY a /c",
    [
      2,
      "ConsistentInstructionCasing",
      "Command 'copy' should match the case of the command majority (uppercase)",
    ],
  ],
  [
    "from scratch\nCOPY a /b\ncopy a /c",
    [
      2,
      "ConsistentInstructionCasing",
      "Command 'COPY' should match the case of the command majority (lowercase)",
    ],
  ],
  [
    "From scratch as b\nFROM scratch AS c",
    [
      1,
      "ConsistentInstructionCasing",
      "Command 'From' should match the case of the command majority (uppercase)",
    ],
  ],
  ["arg A\nFROM scratch"],
  [
    "FROM scratch AS b\nFROM scratch AS b",
    [2, "DuplicateStageName", 'Duplicate stage name "b", stage names should be unique'],
  ],
  [
    "FROM alpine AS scratch\nFROM alpine AS context",
    [1, "ReservedStageName", 'Stage name should not use the same name as reserved stage "scratch"'],
    [2, "ReservedStageName", 'Stage name should not use the same name as reserved stage "context"'],
  ],
  [
    "FROM scratch\nMAINTAINER me@example.org",
    [2, "MaintainerDeprecated", "Maintainer instruction is deprecated in favor of using label"],
  ],
  [
    "FROM scratch\nCMD echo",
    [
      2,
      "JSONArgsRecommended",
      "JSON arguments recommended for CMD to prevent unintended behavior related to OS signals",
    ],
  ],
  [
    "FROM scratch\nENTRYPOINT echo",
    [
      2,
      "JSONArgsRecommended",
      "JSON arguments recommended for ENTRYPOINT to prevent unintended behavior related to OS signals",
    ],
  ],
  ['FROM scratch\nSHELL ["/bin/bash", "-c"]\nCMD echo\nHEALTHCHECK CMD echo'],
  [
    "ARG tag=1\nFROM alpine:$tag$vresion",
    [2, "UndefinedArgInFrom", "FROM argument 'vresion' is not declared"],
  ],
  [
    "ARG version=1\nFROM alpine:$version-$vresion",
    [2, "UndefinedArgInFrom", "FROM argument 'vresion' is not declared (did you mean version?)"],
  ],
  [
    "ARG TAG\nFROM busybox:$TAG",
    [
      2,
      "InvalidDefaultArgInFrom",
      "Default value for ARG busybox:$TAG results in empty or invalid base image name",
    ],
  ],
  [`ARG TAG\nFROM busybox:\${TAG:-latest}`],
  [
    "FROM scratch\nWORKDIR app\nWORKDIR more",
    [
      2,
      "WorkdirRelativePath",
      'Relative workdir "app" can have unexpected results if the base image changes',
    ],
  ],
  ["FROM scratch AS a\nWORKDIR /app\nFROM a\nWORKDIR more"],
  [
    "FROM alpine\nARG VERSION\nCOPY $foo $VERSION $PATH .",
    [3, "UndefinedVar", "Usage of undefined variable '$foo'"],
  ],
  [
    "FROM alpine\nENV MESSAGE=1\nENV A=$MESAGE B=$MESSAGE",
    [3, "UndefinedVar", "Usage of undefined variable '$MESAGE' (did you mean $MESSAGE?)"],
  ],
  ['FROM alpine\nARG A\nENV B=$A\nRUN echo $anything\nCMD ["$anything"]'],
  [
    "FROM alpine\nRUN --mount=type=cache,target=$dir true",
    [2, "UndefinedVar", "Usage of undefined variable '$dir'"],
  ],
  ["FROM alpine\nCOPY <<E /x\n$gone\nE\n", [2, "UndefinedVar", "Usage of undefined variable '$gone'"]],
  ["FROM alpine\nCOPY <<'E' /x\n$gone\nE\n"],
  ["FROM alpine AS a\nARG B=1\nENV C=1\nFROM a\nENV D=$B$C"],
  [
    'FROM scratch\nCMD ["a"]\nCMD ["b"]\nFROM scratch\nCMD ["c"]',
    [
      2,
      "MultipleInstructionsDisallowed",
      "Multiple CMD instructions should not be used in the same stage because only the last one will be used",
    ],
  ],
  [
    'FROM scratch\nHEALTHCHECK NONE\nENTRYPOINT ["a"]\nHEALTHCHECK CMD b\nENTRYPOINT ["b"]',
    [
      2,
      "MultipleInstructionsDisallowed",
      "Multiple HEALTHCHECK instructions should not be used in the same stage because only the last one will be used",
    ],
    [
      3,
      "MultipleInstructionsDisallowed",
      "Multiple ENTRYPOINT instructions should not be used in the same stage because only the last one will be used",
    ],
  ],
  [
    "FROM scratch\nENV a b\nLABEL c d e",
    [2, "LegacyKeyValueFormat", '"ENV key=value" should be used instead of legacy "ENV key value" format'],
    [
      3,
      "LegacyKeyValueFormat",
      '"LABEL key=value" should be used instead of legacy "LABEL key value" format',
    ],
  ],
  [
    "FROM --platform=$TARGETPLATFORM scratch",
    [
      1,
      "RedundantTargetPlatform",
      "Setting platform to predefined $TARGETPLATFORM in FROM is redundant as this is the default behavior",
    ],
  ],
  ["FROM --platform=$BUILDPLATFORM scratch"],
  [
    "FROM --platform=linux/arm64 scratch",
    [
      1,
      "FromPlatformFlagConstDisallowed",
      'FROM --platform flag should not use constant value "linux/arm64"',
    ],
  ],
  ["FROM --platform=linux/arm64 scratch AS build_arm64"],
  [
    "FROM scratch\nARG SECRET_PASSPHRASE\nENV db_password=x public_key=y monkey=z\nARG GITHUB_TOKEN",
    [
      2,
      "SecretsUsedInArgOrEnv",
      'Do not use ARG or ENV instructions for sensitive data (ARG "SECRET_PASSPHRASE")',
    ],
    [3, "SecretsUsedInArgOrEnv", 'Do not use ARG or ENV instructions for sensitive data (ENV "db_password")'],
    [
      4,
      "SecretsUsedInArgOrEnv",
      'Do not use ARG or ENV instructions for sensitive data (ARG "GITHUB_TOKEN")',
    ],
  ],
  [
    "FROM scratch\nEXPOSE 80/TcP 81/tcp 82-83/UDP",
    [2, "ExposeProtoCasing", "Defined protocol '80/TcP' in EXPOSE instruction should be lowercase"],
    [2, "ExposeProtoCasing", "Defined protocol '82-83/UDP' in EXPOSE instruction should be lowercase"],
  ],
  [
    "FROM scratch\nEXPOSE 127.0.0.1:80:80 5000:5000 80",
    [
      2,
      "ExposeInvalidFormat",
      "EXPOSE instruction should not define an IP address or host-port mapping, found '127.0.0.1:80:80'",
    ],
    [
      2,
      "ExposeInvalidFormat",
      "EXPOSE instruction should not define an IP address or host-port mapping, found '5000:5000'",
    ],
  ],
];

describe("build checks have BuildKit's names, lines and messages", () => {
  it.each(cases)("%j", (text, ...expected) => {
    expect(found(text)).toEqual(expected);
  });

  it("every rule has a page", () => {
    expect(lintRuleUrl("JSONArgsRecommended")).toMatch(/\/json-args-recommended\/$/);
    expect(lintRuleUrl("SecretsUsedInArgOrEnv")).toMatch(/\/secrets-used-in-arg-or-env\/$/);
    expect(Object.keys(LINT_RULES)).toHaveLength(21);
  });
});

describe("the check directive", () => {
  const text = "FROM scratch AS A\nCMD a\n";

  it("skips rules by name, and all", () => {
    expect(found(`# check=skip=StageNameCasing\n${text}`).map(([, rule]) => rule)).toEqual([
      "JSONArgsRecommended",
    ]);
    expect(found(`# check=skip=StageNameCasing,JSONArgsRecommended\n${text}`)).toEqual([]);
    expect(found(`# check = skip=all\n${text}`)).toEqual([]);
  });

  it("above an instruction counts for that one alone", () => {
    const [first, second] = ["# check=skip=StageNameCasing\nFROM scratch AS B\n", "FROM scratch AS C\n"];
    expect(found(`FROM scratch AS A\n\n${first}${second}`).map(([line]) => line)).toEqual([1, 5]);
  });

  it("with error=true makes what was found an error", () => {
    expect(lint(parseDockerfile(`# check=error=true\n${text}`)).at(-1)).toMatchObject({
      severity: "error",
      code: "checks-failed",
      message: "lint violation found for rules: StageNameCasing, JSONArgsRecommended",
      range: { startLine: 1, startColumn: 1 },
    });
    expect(found("# check=error=true\nFROM scratch\n")).toEqual([]);
    expect(found(`# check=error=true;skip=all\n${text}`)).toEqual([]);
  });

  it.each(["skip", "nothing=all", "error=maybe"])("that can't be read is an error: %s", (check) => {
    const [last] = lint(parseDockerfile(`# check=${check}\nFROM scratch\n`));
    expect(last).toMatchObject({ severity: "error", code: "directive-invalid" });
  });

  it("turns experimental rules on", () => {
    const described =
      "# base is it\nFROM scratch AS base\n# other\nARG a\n# b is it\nARG b c\n# no\nARG d e\n";
    expect(found(described)).toEqual([]);
    for (const names of ["all", "InvalidDefinitionDescription"]) {
      expect(found(`# check=experimental=${names}\n${described}`)).toEqual([
        [5, "InvalidDefinitionDescription", "Comment for ARG should follow the format: `# a <description>`"],
        [
          9,
          "InvalidDefinitionDescription",
          "Comment for ARG should follow the format: `# <arg_key> <description>`",
        ],
      ]);
    }
  });
});

describe("CopyIgnoredFile", () => {
  const rules = (text: string, ignore: string, files?: readonly string[]) =>
    found(text, { ignoreFile: new IgnoreFile(ignore), ...(files && { files }) });
  const message = (verb: string, file: string) =>
    `Attempting to ${verb} file "${file}" that is excluded by .dockerignore`;

  it("tells of sources that the ignore file leaves out", () => {
    expect(rules("FROM scratch\nCOPY ./tmp/a /\nADD tmp/b /\nCOPY b /", "*/a\ntmp/b\n")).toEqual([
      [2, "CopyIgnoredFile", message("Copy", "./tmp/a")],
      [3, "CopyIgnoredFile", message("Add", "tmp/b")],
    ]);
  });

  it("knows sources that are none of the context's", () => {
    const text = "FROM scratch AS a\nFROM scratch\nCOPY --from=a /x /\nADD https://x.org/x /\nCOPY . /\n";
    expect(rules(text, "*\n")).toEqual([]);
  });

  it("does not judge a directory of which something is brought back", () => {
    expect(rules("FROM scratch\nCOPY dir /", "*\n!dir/keep\n")).toEqual([]);
    expect(rules("FROM scratch\nCOPY dir /", "*\n!dir/keep\n", ["dir", "dir/keep"])).toEqual([]);
    expect(rules("FROM scratch\nCOPY dir /", "*\n!dir/keep\n", ["dir", "dir/other"])).toEqual([
      [2, "CopyIgnoredFile", message("Copy", "dir")],
    ]);
  });
});

describe("the environment of base images", () => {
  const text = "FROM node\nENV A=$NODE_VERSION B=$gone";

  it("defines variables where it is known", () => {
    const baseEnvironment = () => new Map([["NODE_VERSION", "22"]]);
    expect(found(text, { baseEnvironment }).map(([, , message]) => message)).toEqual([
      "Usage of undefined variable '$gone'",
    ]);
  });

  it("leaves no variable undefined where it is not known", () => {
    expect(found(text, { baseEnvironment: () => null })).toEqual([]);
  });
});

it("with a target, only what it needs is checked", () => {
  const text = "FROM scratch AS a\nCMD x\nFROM scratch AS b\nENTRYPOINT y\n";
  expect(found(text, { target: "a" }).map(([line]) => line)).toEqual([2]);
});
