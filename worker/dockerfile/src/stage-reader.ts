import type { Diagnostics } from "./diagnostics.ts";
import { ExpansionError, expandWord, type Variables } from "./expansion.ts";
import type { ArgInstruction, FromInstruction, Instruction } from "./instructions.ts";
import type { Dockerfile } from "./parser.ts";
import type { PlanOptions, StageBase, StagePlan } from "./plan.ts";
import { normalisePlatform } from "./platform.ts";
import type { SourceRange } from "./source.ts";

/** A `from` of COPY or RUN --mount. */
interface Reference {
  readonly what: "COPY --from" | "RUN --mount from";
  readonly name: string;
  readonly range: SourceRange;
}

export interface Stages {
  readonly stages: readonly StagePlan[];
  readonly stageIndex: ReadonlyMap<string, number>;
  readonly globalArgs: Variables;
}

/**
 * Finds the stages of a Dockerfile and what each needs, as BuildKit does (frontend/dockerfile/dockerfile2llb/convert.go,
 * toDispatchState): numbers are checked in every stage, names only in those that are built.
 */
export class StageReader {
  readonly #escape: string;
  readonly #instructions: readonly Instruction[];
  readonly #options: PlanOptions & { readonly buildArgs: Variables };
  readonly #diagnostics: Diagnostics;
  readonly #globals: Map<string, string>;
  readonly #stageIndex = new Map<string, number>();
  /** Later stages that a stage names, by its number. */
  readonly #later = new Map<number, readonly Reference[]>();

  constructor(
    dockerfile: Dockerfile,
    options: PlanOptions & { readonly buildArgs: Variables },
    diagnostics: Diagnostics,
  ) {
    this.#escape = dockerfile.directives.escape;
    this.#instructions = dockerfile.instructions;
    this.#options = options;
    this.#diagnostics = diagnostics;
    const last = dockerfile.instructions.findLast((one) => one.kind === "from");
    const target = options.target || last?.stageName || "default";
    // A build argument replaces a predefined one.
    const predefined = [["TARGETSTAGE", target] as const, ...options.predefined].map(
      ([name, value]) => [name, options.buildArgs.get(name) ?? value] as const,
    );
    this.#globals = new Map(predefined);
  }

  read(): Stages {
    const starts = this.#instructions.flatMap((one, at) => (one.kind === "from" ? [at] : []));
    for (const before of this.#instructions.slice(0, starts[0] ?? 0)) {
      if (before.kind === "arg") this.#declareGlobal(before);
    }
    const drafts: Omit<StagePlan, "needs">[] = [];
    for (const [index, start] of starts.entries()) {
      const from = this.#instructions[start];
      if (from?.kind !== "from") continue;
      const base = this.#base(from);
      const instructions = this.#instructions.slice(start + 1, starts[index + 1]);
      drafts.push({ index, name: from.stageName ?? String(index), base, from, instructions });
      // Of two stages with one name, FROM means the one before it and COPY --from the last one.
      if (from.stageName !== null) this.#stageIndex.set(from.stageName, index);
    }
    for (const { index } of drafts) this.#stageIndex.set(String(index), index);
    const stages = drafts.map((draft) => ({ ...draft, needs: this.#needs(draft, drafts.length) }));
    return { stages, stageIndex: this.#stageIndex, globalArgs: this.#globals };
  }

  /** Checks what only matters in stages that are built. */
  check(needed: readonly StagePlan[]): void {
    for (const stage of needed) {
      this.#checkPlatform(stage.from);
      for (const { what, name, range } of this.#later.get(stage.index) ?? []) {
        const message = `${what}=${name.slice(0, 64)}: the stage needs to be defined before current stage "${stage.name}"`;
        this.#diagnostics.error("stage-unknown", range, message);
      }
    }
  }

  #declareGlobal(arg: ArgInstruction): void {
    for (const { name, value } of arg.args) {
      const given = this.#options.buildArgs.get(name);
      if (given !== undefined) this.#globals.set(name, given);
      else if (value !== null) this.#globals.set(name, this.#expand(value, arg) ?? "");
    }
  }

  #expand(text: string, instruction: Instruction): string | null {
    try {
      return expandWord(text, this.#globals, this.#escape);
    } catch (error) {
      if (!(error instanceof ExpansionError)) throw error;
      const message = `Can't expand "${text.slice(0, 200)}": ${error.message}.`;
      this.#diagnostics.error("variable-invalid", instruction.range, message);
      return null;
    }
  }

  #base(from: FromInstruction): StageBase {
    const reference = this.#expand(from.image, from);
    if (reference === "") {
      const message = `base name (${from.image.slice(0, 200)}) should not be blank`;
      this.#diagnostics.error("variable-invalid", from.range, message);
    }
    // FROM takes names only: a number there is an image.
    const stage = this.#stageIndex.get((reference ?? "").toLowerCase());
    if (stage !== undefined) return { kind: "stage", index: stage };
    return reference === "scratch" ? { kind: "scratch" } : { kind: "image", reference: reference ?? "" };
  }

  #needs(stage: Omit<StagePlan, "needs">, count: number): number[] {
    const needs = new Set<number>();
    if (stage.base.kind === "stage") needs.add(stage.base.index);
    const later: Reference[] = [];
    for (const reference of referencesOf(stage.instructions)) {
      const source = this.#stageIndex.get(reference.name.toLowerCase());
      if (source === undefined) this.#checkImage(reference, count);
      else if (source < stage.index) needs.add(source);
      else if (source > stage.index) later.push(reference);
      else {
        const message = `circular dependency detected on stage: ${stage.name} (${reference.what} names the stage itself)`;
        this.#diagnostics.error("stage-cycle", reference.range, message);
      }
    }
    this.#later.set(stage.index, later);
    return [...needs].sort((left, right) => left - right);
  }

  /** A reference that names no stage is that of an image. */
  #checkImage({ what, name, range }: Reference, count: number): void {
    const shown = name.slice(0, 64);
    if (/^[-+]?\d+$/.test(name)) {
      const message = `${what}=${shown}: invalid stage index, the file has ${count} stages, counted from 0`;
      this.#diagnostics.error("stage-unknown", range, message);
    } else if (name.includes("$")) {
      const message = `${what}=${shown} doesn't support variable expansion, define alias stage instead`;
      this.#diagnostics.error("flag-invalid", range, message);
    }
  }

  #checkPlatform(from: FromInstruction): void {
    if (from.platform === null) return;
    const written = this.#expand(from.platform, from);
    if (written === null) return;
    const platform = normalisePlatform(written, this.#options.platform);
    if (platform === null) {
      const message = `failed to parse platform ${from.platform.slice(0, 64)}: "${written.slice(0, 64)}" is none`;
      this.#diagnostics.error("flag-invalid", from.range, message);
    } else if (platform !== normalisePlatform(this.#options.platform, this.#options.platform)) {
      const message = `FROM --platform=${platform} can't be built here: this machine is ${this.#options.platform}.`;
      this.#diagnostics.error("flag-unsupported", from.range, message);
    }
  }
}

function* referencesOf(instructions: readonly Instruction[]): Generator<Reference> {
  for (const instruction of instructions) {
    if (instruction.kind === "copy" && instruction.from !== null) {
      yield { what: "COPY --from", name: instruction.from, range: instruction.range };
    }
    if (instruction.kind !== "run") continue;
    for (const { from, range } of instruction.mounts) {
      if (from !== null) yield { what: "RUN --mount from", name: from, range };
    }
  }
}
