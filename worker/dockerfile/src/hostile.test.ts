import { describe, expect, it } from "vitest";
import { lint } from "./lint/lint.ts";
import { MAX_DOCKERFILE_CHARACTERS, MAX_LINE_CHARACTERS, parseDockerfile } from "./parser.ts";
import { planBuild } from "./plan.ts";

const PLAN = { platform: "linux/amd64", predefined: new Map<string, string>() };
/** Processor time for one file. */
const MAX_MILLISECONDS = 2500;
const ROUNDS = 1000;

function processorTime(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** Fills a file up to its bound. */
const fill = (line: string, head = "FROM a\n"): string =>
  head + line.repeat(Math.floor((MAX_DOCKERFILE_CHARACTERS - head.length) / line.length));

const pieces = (count: number, piece: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => piece(index)).join("");

const deep = `$${"{a:-$".repeat(10_000)}`;

const files: Record<string, string> = {
  nothing: "",
  "null bytes": "FROM a\nRUN \0\0\0",
  "only continuations": fill("\\\n", ""),
  "continuations with comments between": `FROM a\nRUN x ${"\\\n# c\n\n".repeat(100_000)}`,
  "a hundred thousand instructions": fill("RUN a\n"),
  "instructions that don't exist": fill("RNU a\n"),
  "a hundred thousand here-documents": fill("RUN <<A\nA\n"),
  "one line with a hundred thousand here-documents": `FROM a\nRUN ${"<<A \\\n".repeat(120_000)}`,
  "here-documents without an end": fill("RUN <<A <<B <<C\n"),
  "a here-document without a name": "FROM a\nRUN <<\nRUN <<-\nCOPY << /x\n",
  "a megabyte of quotes": fill(`${'"'.repeat(60_000)}\\\n`, "FROM a\nENV x="),
  "a megabyte of spaces": fill(`${" ".repeat(60_000)}\\\n`, "FROM a\nRUN x"),
  "a megabyte of tabs in here-documents": fill(`${"\t".repeat(60_000)}x\n`, "FROM a\nRUN <<-A\n"),
  "a megabyte of flags": fill("--a=b \\\n", "FROM a\nCOPY "),
  "a megabyte of mounts": fill("--mount=a=b \\\n", "FROM a\nRUN "),
  "a mount of a megabyte": fill(`${"a=b,".repeat(10_000)}\\\n`, "FROM a\nRUN --mount="),
  "a mount of slashes": fill(`${"/".repeat(60_000)}\\\n`, "FROM a\nRUN --mount=target="),
  "an open quote": "FROM a\nENV A='b\nLABEL \"",
  "deep braces": `FROM a\nENV A="${deep}" B=${deep}\nCOPY ${deep} ${deep}`,
  "a prototype's names": "FROM a\nCONSTRUCTOR x\n__PROTO__ y\nCOPY --constructor=1 a b\nRUN --__proto__=x",
  "a prototype's names as mounts": "FROM a\nRUN --mount=constructor=1,__proto__=2 x",
  "lone surrogates": "FROM \ud800\n\udfff x\nENV \ud800=$\udfff",
  "stages that stand on each other": pieces(50_000, (index) => `FROM a${index} AS a${index + 1}\n`),
  "stages with variables that stand on each other": `FROM a AS x\n${"ENV ".padEnd(8)}${pieces(5000, (index) => `v${index}=1 `)}\n${"FROM x AS x\nENV a=1\n".repeat(20_000)}`,
  "stages that copy from all others": `${"FROM a\n".repeat(2000)}${pieces(2000, (index) => `COPY --from=${index} a b\n`)}`,
  "variables that double each other": `FROM a\nENV A=xxxxxxxx\n${"ENV A=$A$A\n".repeat(1000)}${"EXPOSE $A\n".repeat(10_000)}`,
  "patterns against long values": `FROM a\nENV A=${"a".repeat(60_000)}\n${`ENV B=$${"{A//"}${"a?".repeat(100)}b/}\n`.repeat(2000)}`,
  "many undefined variables": `FROM a\n${pieces(5000, (index) => `ENV known${index}=1\n`)}${pieces(20_000, (index) => `USER $knwon${index}\n`)}`,
  "many undeclared arguments": pieces(20_000, (index) => `ARG g${index}\n`) + "FROM $no\n".repeat(20_000),
  "triggers within triggers": fill("ONBUILD \\\n", "FROM a\n"),
  "comments above": fill("# a = b\n", "FROM a\n"),
  "directives without an end": fill("# check=skip=all\n", ""),
};

describe("whatever a stranger writes, it never throws and ends in time", () => {
  for (const [name, text] of Object.entries(files)) {
    it(name, () => {
      const milliseconds = processorTime(() => {
        const parsed = parseDockerfile(text.slice(0, MAX_DOCKERFILE_CHARACTERS));
        planBuild(parsed, PLAN);
        lint(parsed);
      });
      expect(milliseconds).toBeLessThan(MAX_MILLISECONDS);
    });
  }

  it("mutations of a real file", () => {
    const real = [
      "# syntax=docker/dockerfile:1\nARG V=1\nFROM --platform=$BUILDPLATFORM a:$V AS b\n",
      "RUN --mount=type=cache,target=/x <<-'E' cat \\\n# c\n > y\n\tz\nE\n",
      'COPY --from=b --chown=1:2 ["a", "b c"] /d/\nENV A="x $V" B=\'y\'\nHEALTHCHECK --interval=1s CMD x\n',
      'ONBUILD ADD --checksum=sha256:ab https://x y\nEXPOSE 80/tcp $P\nVOLUME ["/a"]\n',
    ].join("");
    let seed = 1;
    const random = (bound: number): number => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      return seed % bound;
    };
    const alphabet = [..."\\`'\"$", ..."{}[]<>-=:/#, \t\n\r\0aE1é👋"];
    for (let round = 0; round < ROUNDS; round += 1) {
      const characters = [...real];
      for (let edit = random(8); edit >= 0; edit -= 1) {
        characters.splice(random(characters.length), random(4), alphabet[random(alphabet.length)] ?? "");
      }
      const parsed = parseDockerfile(characters.join(""));
      planBuild(parsed, PLAN);
      lint(parsed);
    }
  });
});

describe("a file that is too large is a clear error at once", () => {
  it.each([
    ["10 MB", "RUN echo hello\n".repeat(700_000), "file-too-large"],
    ["one line of 100 KB", `FROM a\nRUN ${"x".repeat(100_000)}`, "line-too-long"],
  ])("%s", (_, text, code) => {
    let parsed = parseDockerfile("");
    expect(
      processorTime(() => {
        parsed = parseDockerfile(text);
      }),
    ).toBeLessThan(100);
    expect([parsed.instructions, parsed.diagnostics.map((one) => one.code)]).toEqual([[], [code]]);
  });

  it("more instructions than are read", () => {
    expect(parseDockerfile(fill("RUN a\n")).diagnostics).toMatchObject([
      { code: "file-too-large", range: { startLine: 10_001 } },
    ]);
  });

  it("a line of the largest length is read", () => {
    const longest = `RUN ${"x".repeat(MAX_LINE_CHARACTERS - 4)}`;
    expect(parseDockerfile(`FROM a\n${longest}\nRUN y\n`).diagnostics).toEqual([]);
    expect(parseDockerfile(`FROM a\n${longest}x\nRUN y\n`).diagnostics).toHaveLength(1);
  });
});
