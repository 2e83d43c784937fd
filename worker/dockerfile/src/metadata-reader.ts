import { splitOnce, splitOnSpace, trimSpace } from "./characters.ts";
import type { InstructionContext } from "./instruction-context.ts";
import type {
  ArgInstruction,
  EnvInstruction,
  ExposeInstruction,
  FromInstruction,
  LabelInstruction,
  Pair,
  VolumeInstruction,
} from "./instructions.ts";
import { splitWords } from "./words.ts";

const STAGE_NAME = /^[a-z][a-z0-9-_.]*$/;

export function readFrom(context: InstructionContext): FromInstruction | null {
  const [image, as, name, ...more] = splitOnSpace(context.rest);
  const platform = context.flags.text("platform");
  if (image === undefined) return context.fail("argument-missing", "FROM needs an image.");
  if (as === undefined) return { ...context.written, kind: "from", image, stageName: null, platform };
  if (as.toLowerCase() !== "as" || name === undefined || more.length > 0) {
    return context.fail("argument-invalid", "FROM has the form FROM <image> or FROM <image> AS <name>.");
  }
  const stageName = name.toLowerCase();
  if (STAGE_NAME.test(stageName)) return { ...context.written, kind: "from", image, stageName, platform };
  const message = `"${name.slice(0, 64)}" can't be the name of a stage: a letter, then a-z 0-9 - _ .`;
  const start = context.rest.length - name.length;
  return context.failAt("stage-name-invalid", start, context.rest.length, message);
}

/** The pairs of ENV and LABEL: `name=value …`, or the old form: one name, and the whole rest of the line is its value. */
function readPairs(context: InstructionContext): { pairs: Pair[]; oldForm: boolean } | null {
  const { keyword, rest } = context;
  const words = splitWords(rest, context.escape);
  if (!words[0]?.text.includes("=")) {
    const [key, value] = splitOnce(rest);
    if (value === null) {
      return context.fail("argument-missing", `${keyword} has the form ${keyword} name=value.`);
    }
    return { pairs: [{ key, value }], oldForm: true };
  }
  const pairs: Pair[] = [];
  for (const { text, start, end } of words) {
    const equals = text.indexOf("=");
    if (equals < 1) {
      const message = `"${text.slice(0, 64)}" is not name=value. Quote a value with spaces.`;
      return context.failAt("argument-invalid", start, end, message);
    }
    pairs.push({ key: text.slice(0, equals), value: text.slice(equals + 1) });
  }
  return { pairs, oldForm: false };
}

export function readEnv(context: InstructionContext): EnvInstruction | null {
  const read = readPairs(context);
  return read && { ...context.written, kind: "env", ...read };
}

export function readLabel(context: InstructionContext): LabelInstruction | null {
  const read = readPairs(context);
  return read && { ...context.written, kind: "label", ...read };
}

export function readExpose(context: InstructionContext): ExposeInstruction {
  return { ...context.written, kind: "expose", ports: splitOnSpace(context.rest) };
}

export function readVolume(context: InstructionContext): VolumeInstruction | null {
  const json = context.json();
  if (json === null) return null;
  const paths = (json.form === "json" ? json.items : splitOnSpace(context.rest)).map(trimSpace);
  if (paths.length === 0 || paths.includes("")) {
    return context.fail("argument-missing", "VOLUME needs paths that are not empty.");
  }
  return { ...context.written, kind: "volume", paths };
}

export function readArg(context: InstructionContext): ArgInstruction | null {
  const args: { name: string; value: string | null }[] = [];
  for (const { text, start, end } of splitWords(context.rest, context.escape)) {
    const equals = text.indexOf("=");
    if (equals === 0) {
      return context.failAt("argument-invalid", start, end, "ARG has the form ARG name or ARG name=value.");
    }
    if (equals < 0) args.push({ name: text, value: null });
    else args.push({ name: text.slice(0, equals), value: text.slice(equals + 1) });
  }
  return { ...context.written, kind: "arg", args };
}
