import { describe, expect, test } from "vitest";
import { DockerfileText } from "./dockerfile-text.ts";
import { hoverAt } from "./hover.ts";

/** What is said at the `|` of a text, and of which part of it. */
function at(marked: string) {
  const text = marked.replace("|", "");
  const hover = hoverAt(new DockerfileText(text), marked.indexOf("|"));
  return hover && { ...hover, word: text.slice(hover.from, hover.to) };
}

describe("each kind of word has its topic", () => {
  test.each([
    ["FR|OM a\n", "FROM", "instruction:FROM"],
    ["FROM a\nheal|thcheck CMD x\n", "healthcheck", "instruction:HEALTHCHECK"],
    ["FROM a\nHEALTHCHECK C|MD x\n", "CMD", "instruction:CMD"],
    ["FROM a\nONBUILD RU|N x\n", "RUN", "instruction:RUN"],
    ["FROM a\nCOPY --li|nk x y\n", "--link", "flag:COPY.link"],
    ["FROM a\nONBUILD COPY --ch|own=1 x y\n", "--chown=1", "flag:COPY.chown"],
    ["# sy|ntax=docker/dockerfile:1\nFROM a\n", "# syntax=docker/dockerfile:1", "directive:syntax"],
    ["FROM scr|atch\n", "scratch", "idiom:scratch"],
    ["FROM no|de\n", "node", "idiom:latest-tag"],
    ["FROM node:lat|est AS x\n", "node:latest", "idiom:latest-tag"],
    ["FROM a:1 A|S b\n", "AS", "idiom:stage-name"],
    ["FROM a\nRUN apt-get up|date && x\n", "apt-get update", "idiom:apt-get-update"],
    ["FROM a\nRUN x &|& y\n", "&&", "idiom:and-chain"],
    [
      "FROM a\nRUN x \\\n  && apt-get install -y --no-ins|tall-recommends y\n",
      "--no-install-recommends",
      "idiom:no-install-recommends",
    ],
    ['FROM a\nCMD ["no|de"]\n', '["node"]', "idiom:exec-form"],
    ["FROM a\nCMD no|de app.js\n", "node app.js", "idiom:shell-form"],
    ["FROM a\nCOPY |. /app\n", ".", "idiom:copy-everything"],
    ["FROM a\nCOPY package*.j|son ./\n", "package*.json", "idiom:copy-manifest"],
    ["FROM a\nADD https://x|.y/z /\n", "https://x.y/z", "idiom:add-url"],
    ["FROM a\nRUN <<E|OF\nx\nEOF\n", "<<EOF", "idiom:here-document"],
    ["FROM a\nRUN <<EOF\nx| y\nEOF\n", "x y", "idiom:here-document"],
  ])("%j", (marked, word, topic) => {
    const hover = at(marked);
    expect([hover?.word, hover?.topics[0]]).toEqual([word, topic]);
  });
});

test("a mount tells of the flag and of its type", () => {
  expect(at("FROM a\nRUN --mount=type=ca|che,target=/x y\n")?.topics).toEqual([
    "flag:RUN.mount",
    "mount:cache",
  ]);
  expect(at("FROM a\nRUN --mo|unt=target=/x y\n")?.topics).toEqual(["flag:RUN.mount", "mount:bind"]);
});

test("a stage is found from COPY --from, a mount and FROM, by name and number", () => {
  const file = "FROM gcc:12 AS build\nRUN x\nFROM busybox\n";
  const stage = { name: "build", image: "gcc:12", line: 1 };
  expect(at(`${file}COPY --from=bu|ild a b\n`)?.stage).toEqual(stage);
  expect(at(`${file}COPY --from=|0 a b\n`)?.stage).toEqual({ ...stage, name: "0" });
  expect(at(`${file}RUN --mount=type=bind,from=bui|ld,target=/x y\n`)?.stage).toEqual(stage);
  expect(at("FROM gcc:12 AS build\nFROM bui|ld\n")?.stage).toEqual(stage);
  expect(at(`${file}COPY --from=oth|er a b\n`)?.stage).toBeNull();
});

test("a variable has the value that it was given last", () => {
  const file = "ARG V=1\nFROM a\nENV PORT=80 DIR=/x\nENV PORT=81\nARG V\n";
  expect(at(`${file}EXPOSE $PO|RT\n`)?.variable).toEqual({
    name: "PORT",
    value: "81",
    source: "env",
    line: 4,
  });
  expect(at(`${file}WORKDIR \${D|IR:-y}/z\n`)).toMatchObject({
    word: `\${DIR:-y}`,
    variable: { value: "/x" },
  });
  expect(at(`${file}USER $|V\n`)?.variable).toMatchObject({ value: "1", source: "arg", line: 5 });
  expect(at(`${file}USER $NO|NE\n`)).toBeNull();
});

test("white space, comments and plain words have nothing to say", () => {
  expect(at("FROM a\n# com|ment\n")).toBeNull();
  expect(at("FROM a\nRUN l|s\n")).toBeNull();
  expect(at("FROM a\nUSER nob|ody\n")).toBeNull();
  expect(at("|")).toBeNull();
});

test("a pipe into a shell is explained as one", () => {
  const text = "FROM a\nRUN curl -s x | bash\n";
  const hover = hoverAt(new DockerfileText(text), text.indexOf("bash"));
  expect(hover?.topics).toEqual(["idiom:curl-to-shell"]);
});

test("at no place of a text of any kind does it throw", () => {
  const text =
    "# check=x\nFROM --platform=$A a AS b\\\n\n# c\nRUN <<A cat <<-'B' \\\n \u0000 $\nA\nB\nONBUILD COPY <<E\n\\";
  const parsed = new DockerfileText(text);
  for (let offset = 0; offset <= text.length; offset += 1) hoverAt(parsed, offset);
});
