import { type Diagnostic, Diagnostics } from "./diagnostics.ts";
import { ExpansionError, expandWord, type Variables } from "./expansion.ts";
import type { ArgInstruction, FromInstruction, Instruction } from "./instructions.ts";
import type { Dockerfile } from "./parser.ts";

/** What a stage starts from. */
export type StageBase =
  | { readonly kind: "scratch" }
  | { readonly kind: "image"; readonly reference: string }
  | { readonly kind: "stage"; readonly index: number };

export interface StagePlan {
  /** Place among all stages of the file, from 0: the number that `COPY --from=0` means. */
  readonly index: number;
  /** Its name, or its number where it has none. */
  readonly name: string;
  readonly base: StageBase;
  readonly from: FromInstruction;
  /** All instructions after FROM. */
  readonly instructions: readonly Instruction[];
}

/** A Dockerfile as it is to be built. */
export interface BuildPlan {
  /** The stages that the target needs, in an order in which each comes after all that it needs. */
  readonly stages: readonly StagePlan[];
  readonly target: StagePlan;
  /** Values of the `ARG`s before the first FROM; a stage sees those that it declares itself. */
  readonly globalArgs: Variables;
  /** All stages by name and by number. */
  readonly stageIndex: ReadonlyMap<string, number>;
}

export interface PlanOptions {
  /** Platform that is built for, such as `linux/amd64`; the only one that FROM --platform may name. */
  readonly platform: string;
  /** Predefined arguments of the global scope, such as TARGETARCH. */
  readonly predefined: Variables;
}

/** Sorts a Dockerfile into stages. `plan` is null when there is an error. */
export function planBuild(
  dockerfile: Dockerfile,
  options: PlanOptions,
): { plan: BuildPlan | null; diagnostics: readonly Diagnostic[] } {
  const diagnostics = new Diagnostics();
  const planner = new Planner(dockerfile, options, diagnostics);
  const plan = planner.plan();
  const failed = [...dockerfile.diagnostics, ...diagnostics.list].some(
    ({ severity }) => severity === "error",
  );
  return { plan: failed ? null : plan, diagnostics: diagnostics.list };
}

class Planner {
  readonly #escape: string;
  readonly #instructions: readonly Instruction[];
  readonly #options: PlanOptions;
  readonly #diagnostics: Diagnostics;
  readonly #globals: Map<string, string>;
  readonly #stages: StagePlan[] = [];
  readonly #stageIndex = new Map<string, number>();

  constructor(dockerfile: Dockerfile, options: PlanOptions, diagnostics: Diagnostics) {
    this.#escape = dockerfile.directives.escape;
    this.#instructions = dockerfile.instructions;
    this.#options = options;
    this.#diagnostics = diagnostics;
    this.#globals = new Map(options.predefined);
  }

  plan(): BuildPlan | null {
    const starts = this.#instructions.flatMap((one, at) => (one.kind === "from" ? [at] : []));
    for (const before of this.#instructions.slice(0, starts[0] ?? 0)) {
      if (before.kind === "arg") this.#declareGlobal(before);
    }
    for (const [index, start] of starts.entries()) {
      const from = this.#instructions[start];
      if (from?.kind === "from")
        this.#addStage(index, from, this.#instructions.slice(start + 1, starts[index + 1]));
    }
    const target = this.#stages.at(-1);
    if (!target) return null;
    return {
      stages: this.#needed(target),
      target,
      globalArgs: this.#globals,
      stageIndex: this.#stageIndex,
    };
  }

  #declareGlobal(arg: ArgInstruction): void {
    for (const { name, value } of arg.args) {
      if (value !== null) this.#globals.set(name, this.#expand(value, arg) ?? "");
    }
  }

  #expand(text: string, instruction: Instruction): string | null {
    try {
      return expandWord(text, this.#globals, this.#escape);
    } catch (error) {
      if (!(error instanceof ExpansionError)) throw error;
      this.#diagnostics.error(
        "variable-invalid",
        instruction.range,
        `Can't expand "${text}": ${error.message}.`,
      );
      return null;
    }
  }

  #addStage(index: number, from: FromInstruction, instructions: readonly Instruction[]): void {
    const name = from.stageName ?? String(index);
    if (from.stageName !== null && this.#stageIndex.has(from.stageName)) {
      this.#diagnostics.error(
        "stage-name-duplicate",
        from.range,
        `Two stages are called "${from.stageName}".`,
      );
    }
    this.#checkPlatform(from);
    const base = this.#base(from);
    this.#stages.push({ index, name, base, from, instructions });
    this.#stageIndex.set(String(index), index);
    if (from.stageName !== null) this.#stageIndex.set(from.stageName, index);
    this.#checkCopySources(index, instructions);
  }

  #base(from: FromInstruction): StageBase {
    const reference = this.#expand(from.image, from) ?? "";
    if (reference === "") {
      this.#diagnostics.error("variable-invalid", from.range, `FROM ${from.image} is empty after expansion.`);
    }
    if (reference === "scratch") return { kind: "scratch" };
    const stage = this.#stageIndex.get(reference.toLowerCase());
    // FROM takes names only: a number there is an image.
    if (stage !== undefined && !/^\d+$/.test(reference)) return { kind: "stage", index: stage };
    return { kind: "image", reference };
  }

  #checkPlatform(from: FromInstruction): void {
    if (from.platform === null) return;
    const platform = this.#expand(from.platform, from);
    if (platform === null || platform === this.#options.platform) return;
    this.#diagnostics.error(
      "flag-unsupported",
      from.range,
      `FROM --platform=${platform} can't be built here: this machine is ${this.#options.platform}.`,
    );
  }

  #checkCopySources(index: number, instructions: readonly Instruction[]): void {
    for (const instruction of instructions) {
      if (instruction.kind !== "copy" || instruction.from === null || !/^\d+$/.test(instruction.from))
        continue;
      if (Number(instruction.from) < index) continue;
      this.#diagnostics.error(
        "stage-unknown",
        instruction.range,
        `COPY --from=${instruction.from}: there is no stage ${instruction.from} before this one.`,
      );
    }
  }

  /** The target and all that it needs, by their place in the file: a stage needs earlier ones only. */
  #needed(target: StagePlan): StagePlan[] {
    const needed = new Set<number>([target.index]);
    for (let index = target.index; index >= 0; index -= 1) {
      const stage = this.#stages[index];
      if (!stage || !needed.has(index)) continue;
      if (stage.base.kind === "stage") needed.add(stage.base.index);
      for (const instruction of stage.instructions) {
        if (instruction.kind !== "copy" || instruction.from === null) continue;
        const source = this.#stageIndex.get(instruction.from.toLowerCase());
        if (source !== undefined && source < index) needed.add(source);
      }
    }
    return this.#stages.filter((stage) => needed.has(stage.index));
  }
}
