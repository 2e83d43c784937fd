import { readCmd, readEntrypoint, readHealthcheck, readRun, readShell } from "./command-reader.ts";
import { readCopy } from "./copy-reader.ts";
import type { Diagnostics } from "./diagnostics.ts";
import { checkFlags, takeFlags } from "./flags.ts";
import { InstructionContext } from "./instruction-context.ts";
import type { Instruction, OnbuildInstruction } from "./instructions.ts";
import { isKeyword, KEYWORDS, suggest } from "./keywords.ts";
import type { LogicalLine } from "./lines.ts";
import { readArg, readEnv, readExpose, readFrom, readLabel, readVolume } from "./metadata-reader.ts";
import { SourceMap } from "./source.ts";

/** The instruction of a line, or null with diagnostics when it can't be read. */
export function readInstruction(
  line: LogicalLine,
  escape: string,
  diagnostics: Diagnostics,
): Instruction | null {
  const written = /^[^\t-\r ]+/.exec(line.text)?.[0] ?? "";
  const keyword = written.toUpperCase();
  if (!isKeyword(keyword)) {
    const suggestion = suggest(keyword, KEYWORDS);
    const hint = suggestion === null ? "" : ` Did you mean ${suggestion}?`;
    const message = `"${written.slice(0, 64)}" is not an instruction.${hint}`;
    diagnostics.error("instruction-unknown", line.map.range(0, written.length), message, suggestion);
    return null;
  }
  const { flags, rest } = takeFlags(line.text, written.length);
  const isNone = keyword === "HEALTHCHECK" && /^none$/i.test(line.text.slice(rest));
  // BuildKit does not look at the flags of these.
  const isChecked = !isNone && keyword !== "ARG" && keyword !== "STOPSIGNAL";
  const values = checkFlags(keyword, line, isChecked ? flags : [], diagnostics);
  if (values === null) return null;
  const context = new InstructionContext(keyword, line, values, rest, escape, diagnostics);
  if (context.rest === "") return context.fail("argument-missing", `${keyword} needs an argument.`);
  return read(context);
}

function read(context: InstructionContext): Instruction | null {
  const { written, rest } = context;
  switch (context.keyword) {
    case "FROM":
      return readFrom(context);
    case "RUN":
      return readRun(context);
    case "CMD":
      return readCmd(context);
    case "ENTRYPOINT":
      return readEntrypoint(context);
    case "LABEL":
      return readLabel(context);
    case "ENV":
      return readEnv(context);
    case "EXPOSE":
      return readExpose(context);
    case "COPY":
      return readCopy(context, "copy");
    case "ADD":
      return readCopy(context, "add");
    case "USER":
      return { ...written, kind: "user", user: rest };
    case "WORKDIR":
      return { ...written, kind: "workdir", path: rest };
    case "VOLUME":
      return readVolume(context);
    case "ARG":
      return readArg(context);
    case "SHELL":
      return readShell(context);
    case "MAINTAINER":
      return { ...written, kind: "maintainer", maintainer: rest };
    case "STOPSIGNAL":
      return { ...written, kind: "stopsignal", signal: rest };
    case "HEALTHCHECK":
      return readHealthcheck(context);
    case "ONBUILD":
      return readOnbuild(context);
  }
}

/** Instructions that can't wait for another build. */
const NO_TRIGGERS = new Set(["onbuild", "from", "maintainer"]);

function readOnbuild(context: InstructionContext): OnbuildInstruction | null {
  const { line, rest, escape, diagnostics } = context;
  const offset = line.text.length - rest.length;
  const keyword = /^[^\t-\r ]+/.exec(rest)?.[0] ?? "";
  if (NO_TRIGGERS.has(keyword.toLowerCase())) {
    const message = `${keyword.toUpperCase()} can't be a trigger of ONBUILD.`;
    return context.failAt("argument-invalid", 0, keyword.length, message);
  }
  const inner: LogicalLine = { ...line, text: rest, map: new SourceMap(line.map, offset) };
  const instruction = readInstruction(inner, escape, diagnostics);
  if (instruction === null) return null;
  const documents = line.hereDocuments.map(({ content, name }) => `\n${content}${name}`);
  return { ...context.written, kind: "onbuild", trigger: rest + documents.join(""), instruction };
}
