import { spawnSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Instruction } from "../instructions.ts";
import { splitWords } from "../words.ts";
import { DockerfileText } from "./dockerfile-text.ts";
import { formatDockerfile } from "./format.ts";
import { applyEdits } from "./text-places.ts";

const format = (text: string): string => applyEdits(text, formatDockerfile(new DockerfileText(text)));

describe("the usual form", () => {
  test.each([
    [
      "keywords in capitals",
      "from a as b\nrun x\nhealthcheck cmd y\n",
      "FROM a AS b\nRUN x\nHEALTHCHECK CMD y\n",
    ],
    ["instructions at the start of the line", "FROM a\n  RUN x\n\t# note\n", "FROM a\nRUN x\n\t# note\n"],
    [
      "continued lines stand in",
      "FROM a\nRUN a \\\n&& b \\\n&& c\n",
      "FROM a\nRUN a \\\n    && b \\\n    && c\n",
    ],
    [
      "and keep how deep they stand",
      "FROM a\nRUN a \\\n && b \\\n\tcurl \\\n && c\n",
      "FROM a\nRUN a \\\n    && b \\\n       curl \\\n    && c\n",
    ],
    [
      "comments among them move along",
      "FROM a\nRUN a \\\n# why\n  b\n",
      "FROM a\nRUN a \\\n    # why\n      b\n",
    ],
    [
      "no white space at ends of lines",
      "FROM a  \nRUN a \\  \n    b\t\n\n  \n",
      "FROM a\nRUN a \\\n    b\n\n\n",
    ],
    ["a line end at the end", "FROM a", "FROM a\n"],
    ["pairs of ENV", "FROM a\nenv A=1 \\\nB=2\n", "FROM a\nENV A=1 \\\n    B=2\n"],
  ])("%s", (_, before, after) => {
    expect(format(before)).toBe(after);
  });

  test.each([
    ["here-documents", "FROM a\nRUN <<EOF\n  echo  \n\tx\nEOF\n"],
    ["a line within quotes", 'FROM a\nRUN echo "a \\\n  b"\n'],
    ["a word that goes on in the next line", "FROM a\nRUN ec\\\nho hi\n"],
    ["an escaped space before the next line", "FROM a\nRUN echo a\\ \\\nb\n"],
    ["white space that is a value", "FROM a\nENV A b \\\n  c\nWORKDIR /a \\\n  b\n"],
    ["a program in another shell", 'FROM a\nSHELL ["python3", "-c"]\nRUN if x: \\\n  y\n'],
    ["substitutions within quotes", 'FROM a\nRUN x="$(echo "a \\\n  b")"\n'],
    ["what can't be read", "FROM a\n  runn x \\\n y\n"],
    ["a trigger, which the image keeps as written", "FROM a\nONBUILD run a \\\n  b\n"],
    ["another escape character", "# escape=`\nFROM a\nRUN a `\n  b\n"],
  ])("%s: left as it is", (_, text) => {
    expect(format(text)).toBe(text);
  });
});

/** An instruction as it counts: without its places, and with the words of its shell commands. */
function meaning(instruction: Instruction): unknown {
  const words = (key: string, value: unknown): unknown => {
    if (key === "range" || key === "text") return undefined;
    return key === "script" && typeof value === "string"
      ? splitWords(value, "\\").map(({ text }) => text)
      : value;
  };
  return JSON.parse(JSON.stringify(instruction, words));
}

const meanings = (text: string): unknown => {
  const { dockerfile } = new DockerfileText(text);
  return {
    instructions: dockerfile.instructions.map(meaning),
    problems: dockerfile.diagnostics.map(({ code }) => code),
    directives: { ...dockerfile.directives, checkRange: null },
  };
};

const fragment = fc.constantFrom(
  ...[
    "from a as b",
    "FROM a",
    "run",
    "RUN",
    "env A=1",
    "ENV B c",
    "copy x",
    "COPY --from=b",
    "label x=y",
    "arg V",
  ],
  ...[
    "workdir /x",
    "user u",
    "cmd",
    'CMD ["a",',
    '"b"]',
    "healthcheck cmd",
    "onbuild run",
    "volume",
    "expose 80",
  ],
  ...["<<EOF", "EOF", "<<-'E'", "E", "# note", "&&", "echo", "x", "'", '"', "\\", "\\\n", " \\\n", "\\ \\\n"],
  ...[
    "\n",
    "\n\n",
    " ",
    "  ",
    "\t",
    "  \\\n# c\n  ",
    "$(",
    ")",
    `\${A:-b c}`,
    "`",
    "|",
    ";",
    "\u00a0",
    "=",
    "[",
  ],
);

test("whatever is formatted means the same, and formatting it again changes nothing", {
  timeout: 60_000,
}, () => {
  void fc.assert(
    fc.property(fc.array(fragment, { maxLength: 30 }), (parts) => {
      const text = parts.join("");
      const formatted = format(text);
      expect(meanings(formatted)).toEqual(meanings(text));
      expect(format(formatted)).toBe(formatted);
    }),
    { numRuns: 500 },
  );
});

const shellWord = fc.constantFrom(
  "a",
  "b'c d'",
  '"e  f"',
  "'g\th'",
  "\\ ",
  "i\\ j",
  "k\\'l",
  '"m\\"n"',
  "''",
  "o#p",
);
const join = fc.constantFrom(
  " ",
  "  ",
  " \\\n",
  " \\\n  ",
  "\\\n  ",
  "\\\n",
  "\t\\\n\t",
  " \\\n# it's a note\n   ",
);

test("a real shell gets the same arguments before and after", { timeout: 60_000 }, () => {
  const command = fc.array(fc.tuple(join, shellWord), { minLength: 1, maxLength: 8 });
  const samples = fc
    .sample(command, 60)
    .map((parts) => `FROM a\nRUN printf '<%s>' x${parts.flat().join("")}\n`);
  const scriptOf = (text: string): string => {
    const [run] = new DockerfileText(text).dockerfile.instructions.filter(({ kind }) => kind === "run");
    return run?.kind === "run" && run.command.form === "shell" ? run.command.script : "";
  };
  const outputs = (texts: readonly string[]): string =>
    spawnSync("/bin/sh", [
      "-c",
      texts.map((text) => `(${scriptOf(text)}\n); echo`).join("\n"),
    ]).stdout.toString();
  const before = outputs(samples);
  expect(before).toContain("<x");
  expect(outputs(samples.map(format))).toBe(before);
});
