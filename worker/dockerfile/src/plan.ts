import { proxyEnvironment, unusedBuildArgs } from "./build-args.ts";
import { type Diagnostic, Diagnostics } from "./diagnostics.ts";
import type { Variables } from "./expansion.ts";
import type { FromInstruction, Instruction } from "./instructions.ts";
import { suggest } from "./keywords.ts";
import type { Dockerfile } from "./parser.ts";
import { StageReader } from "./stage-reader.ts";

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
  /**
   * Stages that must be there before: what FROM, COPY --from and RUN --mount=from name, rising. All come earlier in the
   * file. Triggers of a base image may need more of them, which only its config tells.
   */
  readonly needs: readonly number[];
}

/** A Dockerfile as it is to be built. */
export interface BuildPlan {
  /** The stages that the target needs, in an order in which each comes after all that it needs. */
  readonly stages: readonly StagePlan[];
  /** All stages of the file by number, also those that are not needed. */
  readonly allStages: readonly StagePlan[];
  readonly target: StagePlan;
  /** Values of the `ARG`s before the first FROM, and the predefined ones; a stage sees those that it declares itself. */
  readonly globalArgs: Variables;
  /** What was given to the build: it wins over the defaults of ARG. See argValue. */
  readonly buildArgs: Variables;
  /** Environment of every RUN that is part of neither its cache key nor the history. */
  readonly proxyEnvironment: Variables;
  /** All stages by name (lower case) and by number. */
  readonly stageIndex: ReadonlyMap<string, number>;
}

export interface PlanOptions {
  /** Platform that is built for, such as `linux/amd64`; the only one that FROM --platform may name. */
  readonly platform: string;
  /** Predefined arguments of the global scope, such as TARGETARCH. */
  readonly predefined: Variables;
  /** Name or number of the stage to build; null is the last one. */
  readonly target?: string | null;
  readonly buildArgs?: Variables;
}

/** Sorts a Dockerfile into stages. `plan` is null when there is an error. Never throws. */
export function planBuild(
  dockerfile: Dockerfile,
  options: PlanOptions,
): { plan: BuildPlan | null; diagnostics: readonly Diagnostic[] } {
  const diagnostics = new Diagnostics();
  const buildArgs = options.buildArgs ?? new Map();
  const reader = new StageReader(dockerfile, { ...options, buildArgs }, diagnostics);
  const { stages, stageIndex, globalArgs } = reader.read();
  warnOfUnusedArgs(dockerfile, options.predefined, buildArgs, diagnostics);
  const target = findTarget(stages, stageIndex, options.target ?? null, diagnostics);
  if (target === null) return { plan: null, diagnostics: diagnostics.list };
  const needed = neededStages(stages, target);
  reader.check(needed);
  const failed = diagnostics.hasErrors || dockerfile.diagnostics.some(({ severity }) => severity === "error");
  const plan = {
    stages: needed,
    allStages: stages,
    target,
    globalArgs,
    buildArgs,
    proxyEnvironment: proxyEnvironment(buildArgs),
    stageIndex,
  };
  return { plan: failed ? null : plan, diagnostics: diagnostics.list };
}

const FILE_START = { startLine: 1, startColumn: 1, endLine: 1, endColumn: 1 };
/** Names that one warning lists. */
const MAX_LISTED = 20;

function warnOfUnusedArgs(
  { instructions }: Dockerfile,
  predefined: Variables,
  buildArgs: Variables,
  diagnostics: Diagnostics,
): void {
  const unused = unusedBuildArgs(buildArgs, instructions, predefined);
  if (unused.length === 0) return;
  const names = unused.slice(0, MAX_LISTED).join(", ").slice(0, 1000);
  const message = `One or more build-args [${names}] were not consumed`;
  diagnostics.warning("build-args-unused", FILE_START, message);
}

function findTarget(
  stages: readonly StagePlan[],
  stageIndex: ReadonlyMap<string, number>,
  wanted: string | null,
  diagnostics: Diagnostics,
): StagePlan | null {
  if (wanted === null || wanted === "") return stages.at(-1) ?? null;
  const index = stageIndex.get(wanted.toLowerCase());
  const found = index === undefined ? undefined : stages[index];
  if (found) return found;
  const shown = wanted.slice(0, 200);
  const near = suggest(shown.toLowerCase(), [...stageIndex.keys()]);
  const message = `target stage "${shown}" could not be found`;
  diagnostics.error("target-unknown", FILE_START, message, near);
  return null;
}

/** The target and all that it needs, by their place in the file: a stage needs earlier ones only. */
export function neededStages(stages: readonly StagePlan[], target: StagePlan): StagePlan[] {
  const needed = new Set<number>([target.index]);
  for (let index = target.index; index >= 0; index -= 1) {
    const stage = stages[index];
    if (!stage || !needed.has(index)) continue;
    for (const other of stage.needs) needed.add(other);
  }
  return stages.filter((stage) => needed.has(stage.index));
}
