import { type Diagnostic, type DiagnosticCode, Diagnostics } from "../diagnostics.ts";
import type { Variables } from "../expansion.ts";
import type { IgnoreFile } from "../ignore-file.ts";
import type { Dockerfile } from "../parser.ts";
import { neededStages, type StagePlan } from "../plan.ts";
import { StageReader, type Stages } from "../stage-reader.ts";
import { DEFAULT_CHECK_OPTIONS, parseCheckOptions } from "./check-options.ts";
import { checkFile } from "./file-checks.ts";
import { checkFroms } from "./from-checks.ts";
import { Reporter } from "./reporter.ts";
import type { LintRule } from "./rules.ts";
import { Scope } from "./scope.ts";
import { StageChecker, type StageState, type StageSurroundings } from "./stage-checks.ts";

export interface LintOptions {
  /** Platform that is built for; `linux/amd64` by default. */
  readonly platform?: string;
  /** Predefined arguments, as for the plan; those of `platform` by default. */
  readonly predefined?: Variables;
  readonly buildArgs?: Variables;
  /** Stage whose build is checked; all stages of the file by default. */
  readonly target?: string | null;
  /** For CopyIgnoredFile, with the paths of the context's files where they are known. */
  readonly ignoreFile?: IgnoreFile | null;
  readonly files?: readonly string[] | null;
  /**
   * Environment of a base image, by its reference; null where it is not known, and then no variable counts as undefined in
   * stages on it. Without this every base image has PATH alone.
   */
  readonly baseEnvironment?: (reference: string) => Variables | null;
}

export type LintDiagnostic = Diagnostic<LintRule | DiagnosticCode>;

const DEFAULT_PLATFORM = "linux/amd64";
const DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
/** Work that the variables of a whole file may take; see ExpansionBudget. What is beyond is not checked. */
const MAX_WORK = 64 * 1024 * 1024;
const FILE_START = { startLine: 1, startColumn: 1, endLine: 1, endColumn: 1 };

/**
 * BuildKit's build checks (`docker build --check`): warnings whose code is the rule's name, in the order of the file. The
 * `check` directive says which run; where it has `error=true` and something was found, an error `checks-failed` comes
 * last, and one that can't be read is an error `directive-invalid`. Never throws; works also where the file has errors.
 */
export function lint(dockerfile: Dockerfile, options: LintOptions = {}): readonly LintDiagnostic[] {
  const { check, checkRange } = dockerfile.directives;
  const parsed = parseCheckOptions(check);
  const checkOptions = typeof parsed === "string" ? DEFAULT_CHECK_OPTIONS : parsed;
  const reporter = new Reporter(checkOptions);
  checkFile(dockerfile, reporter);
  checkStages(dockerfile, options, reporter);
  const found = reporter.diagnostics.list.toSorted((left, right) => position(left) - position(right));
  const errors = new Diagnostics<LintRule | DiagnosticCode>();
  const range = checkRange ?? FILE_START;
  if (typeof parsed === "string") {
    errors.error("directive-invalid", range, `failed to parse check options: ${parsed}`);
  }
  if (checkOptions.error && found.length > 0) {
    const message = `lint violation found for rules: ${reporter.called.join(", ")}`;
    errors.error("checks-failed", range, message);
  }
  return [...found, ...errors.list];
}

/** Columns of a line that count for the order. */
const COLUMNS = 2 ** 20;
const position = ({ range }: LintDiagnostic): number => range.startLine * COLUMNS + range.startColumn;

function checkStages(dockerfile: Dockerfile, options: LintOptions, reporter: Reporter): void {
  const platform = options.platform ?? DEFAULT_PLATFORM;
  const predefined = options.predefined ?? platformArgs(platform);
  const buildArgs = options.buildArgs ?? new Map<string, string>();
  // What is wrong with stages is said by the plan.
  const reader = new StageReader(dockerfile, { platform, predefined, buildArgs }, new Diagnostics());
  const read = reader.read();
  const { globalArgs } = read;
  checkFroms(dockerfile, { globalArgs, predefined, platform }, reporter);
  const surroundings: StageSurroundings = {
    globalArgs,
    buildArgs,
    ignoreFile: options.ignoreFile ?? null,
    files: options.files ?? null,
  };
  const states = new Map<number, StageState>();
  const budget = { left: MAX_WORK };
  for (const stage of wantedStages(read, options.target ?? null)) {
    const state = startState(stage, states, options, (values, isComplete) => {
      return new Scope(values, isComplete, dockerfile.directives.escape, budget);
    });
    states.set(stage.index, state);
    const checker = new StageChecker(state, surroundings, reporter);
    for (const instruction of stage.instructions) checker.check(instruction);
  }
}

/** The arguments that every build has (https://docs.docker.com/reference/dockerfile/#automatic-platform-args-in-the-global-scope). */
export function platformArgs(platform: string): Map<string, string> {
  const [os = "", architecture = "", variant = ""] = platform.split("/");
  const args = new Map<string, string>();
  for (const prefix of ["BUILD", "TARGET"]) {
    args.set(`${prefix}PLATFORM`, platform);
    args.set(`${prefix}OS`, os);
    args.set(`${prefix}ARCH`, architecture);
    args.set(`${prefix}VARIANT`, variant);
  }
  return args;
}

function wantedStages({ stages, stageIndex }: Stages, wanted: string | null): readonly StagePlan[] {
  const index = wanted === null ? undefined : stageIndex.get(wanted.toLowerCase());
  const target = index === undefined ? undefined : stages[index];
  return target ? neededStages(stages, target) : stages;
}

function startState(
  { base }: StagePlan,
  states: ReadonlyMap<number, StageState>,
  { baseEnvironment }: LintOptions,
  newScope: (values: Variables, isComplete: boolean) => Scope,
): StageState {
  const below = base.kind === "stage" ? states.get(base.index) : undefined;
  if (below) return { ...below, scope: below.scope.copy() };
  const environment = base.kind === "image" && baseEnvironment ? baseEnvironment(base.reference) : new Map();
  const values = new Map([["PATH", DEFAULT_PATH], ...(environment ?? [])]);
  return { scope: newScope(values, environment !== null), hasWorkdir: false, hasShell: false };
}
