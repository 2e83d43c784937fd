import { describe, expect, test } from "vitest";
import { complete } from "./completion.ts";
import { DockerfileText } from "./dockerfile-text.ts";

const SOURCES = {
  images: [
    { name: "node", tags: ["18", "latest", "slim"] },
    { name: "busybox", tags: ["latest"] },
  ],
  files: ["Dockerfile", "app.js", "src/main.js", "src/lib/a.js"],
};

/** Labels at the `|` of a text, and the word that they replace. */
function at(marked: string): { labels: string[]; word: string } | null {
  const offset = marked.indexOf("|");
  const text = marked.replace("|", "");
  const found = complete(new DockerfileText(text), offset, SOURCES);
  return found && { labels: found.items.map(({ label }) => label), word: text.slice(found.from, offset) };
}

const labels = (marked: string): string[] => at(marked)?.labels ?? [];

describe("instructions", () => {
  test.each(["|", "FROM a\n|", "FROM a\n\n  |", "FROM a\nRUN x\n|\nCMD y\n"])(
    "on a line of its own: %j",
    (marked) => {
      expect(labels(marked)).toEqual(expect.arrayContaining(["FROM", "RUN", "COPY", "HEALTHCHECK"]));
    },
  );

  test("the word that is written of one is replaced, in either case", () => {
    expect(at("FROM a\n  co|")).toMatchObject({ word: "co" });
  });

  test("after ONBUILD, those that can be triggers", () => {
    expect(labels("FROM a\nONBUILD |")).toContain("RUN");
    expect(labels("FROM a\nONBUILD |")).not.toContain("FROM");
    expect(labels("FROM a\nONBUILD COPY --|")).toContain("--from");
  });

  test("none within a continued instruction, a comment or a here-document", () => {
    expect(labels("FROM a\nRUN x \\\n  |")).not.toContain("COPY");
    expect(at("FROM a\n# co|")).toBeNull();
    expect(at("FROM a\nRUN <<EOF\nco|\nEOF\n")).toBeNull();
    expect(at("FROM a\nCOPY <<EOF /x\nRU|")).toBeNull();
  });
});

describe("flags", () => {
  test("of the instruction at hand, without those that are given already", () => {
    expect(labels("FROM a\nCOPY --link --|")).toEqual([
      "--from",
      "--chown",
      "--chmod",
      "--parents",
      "--exclude",
    ]);
    expect(labels("FROM a\nRUN --mount=type=cache,target=/x --m|")).toContain("--mount");
    expect(labels("FROM a\nHEALTHCHECK --|")).toContain("--interval");
    expect(labels("FROM a\nWORKDIR --|")).toEqual([]);
  });

  test("on a continued line", () => {
    expect(at("FROM a\nRUN \\\n  --ne|")).toMatchObject({ word: "--ne" });
    expect(labels("FROM a\nRUN \\\n  --ne|")).toContain("--network");
  });

  test("not behind the first argument", () => {
    expect(labels("FROM a\nRUN ls --|")).toEqual([]);
  });

  test("values where there are few", () => {
    expect(labels("FROM a\nRUN --network=|")).toEqual(["default", "none", "host"]);
    expect(labels("FROM --platform=|")).toContain("linux/arm64");
    expect(labels("FROM a\nRUN --mount=type=|")).toEqual(["bind", "cache", "tmpfs", "secret", "ssh"]);
    expect(at("FROM a\nRUN --mount=type=cache,sharing=lo|")).toMatchObject({
      labels: ["shared", "private", "locked"],
      word: "lo",
    });
    expect(labels("FROM a\nRUN --mount=type=secret,|")).toContain("required");
    expect(labels("FROM a\nRUN --mount=type=secret,|")).not.toContain("sharing=");
  });
});

describe("stages", () => {
  const file = "FROM gcc AS build\nRUN x\nFROM node AS test\nRUN y\nFROM busybox\n";

  test("those before, the nearest first, for COPY --from and mounts", () => {
    expect(labels(`${file}COPY --from=|`).slice(0, 2)).toEqual(["test", "build"]);
    expect(labels(`${file}RUN --mount=type=bind,from=|`).slice(0, 2)).toEqual(["test", "build"]);
    expect(labels("FROM gcc AS build\nCOPY --from=|")).not.toContain("build");
  });

  test("a stage without a name is offered by its number, but not to FROM", () => {
    expect(labels("FROM gcc\nFROM node\nCOPY --from=|")[0]).toBe("0");
    expect(labels("FROM gcc\nFROM |")).not.toContain("0");
  });

  test("FROM may stand on one", () => {
    expect(labels(`${file}FROM |`).slice(0, 2)).toEqual(["test", "build"]);
    expect(labels("FROM gcc AS build\nFROM bu|\nRUN x\n")).toContain("build");
  });

  test("AS after the image", () => {
    expect(at("FROM node |")).toMatchObject({ labels: ["AS"], word: "" });
    expect(labels("FROM node AS |")).toEqual([]);
  });
});

describe("images", () => {
  test("known ones, with their tags behind the colon", () => {
    expect(at("FROM no|")).toMatchObject({ word: "no" });
    expect(labels("FROM |")).toEqual(["node", "busybox", "scratch"]);
    expect(at("FROM node:1|")).toMatchObject({ labels: ["18", "latest", "slim"], word: "1" });
    expect(at("FROM localhost:5000/node|")?.labels).toContain("node");
    expect(at("FROM unknown:|")).toBeNull();
  });
});

describe("variables", () => {
  test("of the stage and those below it, the last one set first", () => {
    const file = "ARG G=1\nFROM a AS base\nENV ONE=1 TWO=2\nFROM base\nARG THREE\nARG G\nRUN echo $|";
    expect(labels(file)).toEqual(["G", "THREE", "TWO", "ONE"]);
  });

  test("global ones in FROM, and not in a stage that does not declare them", () => {
    expect(labels("ARG VERSION=18\nFROM node:$|")).toEqual(expect.arrayContaining(["VERSION", "TARGETARCH"]));
    expect(labels("ARG VERSION=18\nFROM node\nRUN echo $|")).not.toContain("VERSION");
  });

  test("in braces they are closed", () => {
    const text = "FROM a\nENV NAME=x\nWORKDIR /${NA";
    const found = complete(new DockerfileText(text), text.length, SOURCES);
    expect(found?.items[0]).toMatchObject({ label: "NAME", insert: "NAME}", detail: "x" });
  });

  test("in here-documents that expand, and in no others", () => {
    expect(labels("FROM a\nENV N=1\nCOPY <<EOF /x\nhi $|\nEOF\n")).toEqual(["N"]);
    expect(at("FROM a\nENV N=1\nCOPY <<'EOF' /x\nhi $|\nEOF\n")).toBeNull();
  });
});

test("files of the context, a folder at a time", () => {
  expect(labels("FROM a\nCOPY s|")).toContain("src/");
  expect(labels("FROM a\nCOPY src/|")).toEqual(["src/main.js", "src/lib/"]);
  expect(labels("FROM a\nCOPY ./src/|")).toEqual(["./src/main.js", "./src/lib/"]);
});

test("directives at the head of the file only, and the rules of a check", () => {
  expect(labels("# |")).toEqual(["syntax", "escape", "check"]);
  expect(at("FROM a\n# |")).toBeNull();
  expect(labels("# check=skip=|")).toContain("JSONArgsRecommended");
});

test("signals, CMD of a health check", () => {
  expect(labels("FROM a\nSTOPSIGNAL |")).toContain("SIGTERM");
  expect(labels("FROM a\nHEALTHCHECK |")).toEqual(expect.arrayContaining(["CMD", "NONE", "--interval"]));
});

test("at no place of a text of any kind does it throw", () => {
  const text =
    "# x\nFROM --platform=$A a AS b\\\n\n# c\nRUN <<A cat <<-'B' \\\n \u0000 $\nA\nB\nONBUILD COPY <<E\n\r\n\\";
  const parsed = new DockerfileText(text);
  for (let offset = 0; offset <= text.length; offset += 1) complete(parsed, offset, SOURCES);
});
