import { splitOnSpace } from "../characters.ts";
import { takeFlags } from "../flags.ts";
import type { FromInstruction, Instruction } from "../instructions.ts";
import type { Dockerfile } from "../parser.ts";
import type { Reporter } from "./reporter.ts";

const RESERVED: ReadonlySet<string> = new Set(["context", "scratch"]);

/** The keyword of an instruction as written. */
export const keywordOf = (instruction: Instruction): string =>
  /^[^\t-\r ]+/.exec(instruction.text)?.[0] ?? "";

const isLower = (text: string): boolean => text === text.toLowerCase();
const isUpper = (text: string): boolean => text === text.toUpperCase();

/** Checks of what is written, whatever it does. */
export function checkFile({ instructions, emptyContinuations }: Dockerfile, reporter: Reporter): void {
  for (const range of emptyContinuations) {
    reporter.report("NoEmptyContinuation", { range, comments: [] }, "Empty continuation line");
  }
  checkCasing(instructions, reporter);
  const names = new Set<string>();
  for (const instruction of instructions) {
    if (instruction.kind === "from") {
      checkFromWords(instruction, reporter);
      checkStageName(instruction, names, reporter);
      if (instruction.stageName !== null) describe(instruction, "FROM", [instruction.stageName], reporter);
    } else if (instruction.kind === "arg") {
      const keys = instruction.args.map(({ name }) => name);
      describe(instruction, "ARG", keys, reporter);
    } else if (instruction.kind === "maintainer") {
      const message = "Maintainer instruction is deprecated in favor of using label";
      reporter.report("MaintainerDeprecated", instruction, message);
    }
  }
}

/** All keywords should be written as most of them are. What stands before the first FROM is not looked at. */
function checkCasing(instructions: readonly Instruction[], reporter: Reporter): void {
  const first = instructions.findIndex(({ kind }) => kind === "from");
  const inStages = first < 0 ? [] : instructions.slice(first);
  let lower = 0;
  let upper = 0;
  for (const keyword of inStages.map(keywordOf)) {
    if (isLower(keyword)) lower += 1;
    else if (isUpper(keyword)) upper += 1;
  }
  const [matches, wanted] = lower > upper ? [isLower, "lowercase"] : [isUpper, "uppercase"];
  for (const instruction of inStages) {
    const keyword = keywordOf(instruction);
    if (matches(keyword)) continue;
    const message = `Command '${keyword}' should match the case of the command majority (${wanted})`;
    reporter.report("ConsistentInstructionCasing", instruction, message);
  }
}

/** The words of FROM after its flags: image, `AS`, name. */
function wordsOf(from: FromInstruction): string[] {
  const { rest } = takeFlags(from.text, keywordOf(from).length);
  return splitOnSpace(from.text.slice(rest));
}

function checkFromWords(from: FromInstruction, reporter: Reporter): void {
  const [, as, name] = wordsOf(from);
  if (as === undefined || name === undefined) return;
  if (!isLower(name)) {
    reporter.report("StageNameCasing", from, `Stage name '${name}' should be lowercase`);
  }
  const keyword = keywordOf(from);
  // A keyword in mixed casing is another check's matter.
  const isWrong = (isLower(keyword) && !isLower(as)) || (isUpper(keyword) && !isUpper(as));
  if (isWrong)
    reporter.report("FromAsCasing", from, `'${as}' and '${keyword}' keywords' casing do not match`);
}

function checkStageName(from: FromInstruction, names: Set<string>, reporter: Reporter): void {
  const name = from.stageName;
  if (name === null) return;
  if (RESERVED.has(name)) {
    const message = `Stage name should not use the same name as reserved stage "${name}"`;
    reporter.report("ReservedStageName", from, message);
  }
  if (names.has(name)) {
    const message = `Duplicate stage name "${name}", stage names should be unique`;
    reporter.report("DuplicateStageName", from, message);
  }
  names.add(name);
}

/** A comment above a definition should start with the name of what it describes. */
function describe(
  instruction: Instruction,
  keyword: "FROM" | "ARG",
  names: readonly string[],
  reporter: Reporter,
): void {
  const comment = instruction.comments.at(-1);
  if (comment === undefined || names.includes(comment.split(" ")[0] ?? "")) return;
  const example = names.length > 1 ? "<arg_key>" : (names[0] ?? "");
  const message = `Comment for ${keyword} should follow the format: \`# ${example} <description>\``;
  reporter.report("InvalidDefinitionDescription", instruction, message);
}
