import {
  type BuildPlan,
  type Diagnostic,
  type Dockerfile,
  IgnoreFile,
  type IgnoreProblem,
  ignoreFileNames,
  type LintDiagnostic,
  parseDockerfile,
  planBuild,
} from "@slipway/dockerfile";
import { SlipwayError, type SourceRange } from "@slipway/protocol";
import { digestOf } from "../content/digest.ts";
import { BuildFailure } from "./failure.ts";
import { PLATFORM, PLATFORM_ARGS } from "./platform.ts";
import type { ContextTree } from "./source/context-tree.ts";

const MAX_STEPS = 10_000;

export interface Warning {
  readonly code: string;
  readonly message: string;
  readonly range: SourceRange;
}

export interface ReadPlan {
  readonly plan: BuildPlan;
  readonly escape: string;
  /** Those of the plan; the build checks find more. */
  readonly warnings: readonly Warning[];
  /** For the build checks, which need to know the base images. */
  readonly dockerfile: Dockerfile;
  readonly ignoreFile: IgnoreFile | null;
  /** What the build checks found, by all else that they depend on; see build-checks.ts. */
  readonly checked: Map<string, readonly LintDiagnostic[]>;
}

export interface PlanRequest {
  /** Path of the Dockerfile in the context. */
  readonly dockerfile: string;
  readonly context: ContextTree;
  readonly target: string | null;
  readonly buildArgs: Readonly<Record<string, string>>;
}

/** Plans that are remembered, and characters of a Dockerfile of which one is. */
const REMEMBERED_PLANS = 64;
const REMEMBERED_CHARACTERS = 64 * 1024;

/** Reads Dockerfiles. A room of people builds the same one; it is read once. */
export class PlanReader {
  /** By digest of all that a plan depends on; the one used longest ago comes first. */
  readonly #remembered = new Map<string, Omit<ReadPlan, "ignoreFile">>();

  /** Reads the Dockerfile of a context. Throws BuildFailure. */
  read({ dockerfile: path, context, target, buildArgs }: PlanRequest): ReadPlan {
    const text = context.text(path);
    if (text === null) throw missingDockerfile(path.slice(0, 1000));
    const ignoreFile = readIgnoreFile(context, path);
    if (text.length > REMEMBERED_CHARACTERS) return { ...plan(text, target, buildArgs), ignoreFile };
    const key = digestOf(JSON.stringify([text, target, buildArgs]));
    const read = this.#remembered.get(key) ?? plan(text, target, buildArgs);
    this.#remembered.delete(key);
    this.#remembered.set(key, read);
    for (const oldest of this.#remembered.keys()) {
      if (this.#remembered.size <= REMEMBERED_PLANS) break;
      this.#remembered.delete(oldest);
    }
    return { ...read, ignoreFile };
  }
}

function plan(
  text: string,
  target: string | null,
  buildArgs: PlanRequest["buildArgs"],
): Omit<ReadPlan, "ignoreFile"> {
  const dockerfile = parseDockerfile(text);
  const planned = planBuild(dockerfile, {
    platform: PLATFORM,
    predefined: PLATFORM_ARGS,
    target,
    buildArgs: new Map(Object.entries(buildArgs)),
  });
  const all = [...dockerfile.diagnostics, ...planned.diagnostics];
  if (!planned.plan) throw invalidDockerfile(all, target);
  const steps = planned.plan.allStages.reduce((sum, stage) => sum + 1 + stage.instructions.length, 0);
  if (steps > MAX_STEPS) {
    const message = `The Dockerfile has more than ${MAX_STEPS} instructions.`;
    throw new BuildFailure(new SlipwayError("dockerfile-invalid", message), null, null);
  }
  const warnings = all.filter(({ severity }) => severity === "warning");
  return {
    plan: planned.plan,
    escape: dockerfile.directives.escape,
    warnings,
    dockerfile,
    checked: new Map(),
  };
}

/** The ignore file that counts, if there is one. As in BuildKit, no build goes on with half of it. */
function readIgnoreFile(context: ContextTree, dockerfile: string): IgnoreFile | null {
  for (const name of ignoreFileNames(dockerfile)) {
    const text = context.text(name);
    if (text === null) continue;
    const file = new IgnoreFile(text);
    const [problem] = file.problems;
    if (problem) throw invalidIgnoreFile(name, problem);
    return file;
  }
  return null;
}

function invalidIgnoreFile(name: string, { line, message }: IgnoreProblem): BuildFailure {
  const place = `${name.slice(0, 1000)}:${line}`;
  const params = { path: place, message: message.slice(0, 4000) };
  return new BuildFailure(
    new SlipwayError("ignore-file-invalid", `${place}: ${message}.`, { params }),
    null,
    null,
  );
}

function missingDockerfile(name: string): BuildFailure {
  const error = new SlipwayError("dockerfile-missing", `There is no "${name}" in the build context.`, {
    params: { path: name },
  });
  return new BuildFailure(error, null, null);
}

function invalidDockerfile(diagnostics: readonly Diagnostic[], target: string | null): BuildFailure {
  const first = diagnostics.find(({ severity }) => severity === "error");
  if (!first)
    return new BuildFailure(new SlipwayError("internal", "There is no plan and no error."), null, null);
  if (first.code === "target-unknown") {
    const error = new SlipwayError("stage-missing", first.message, {
      params: {
        stage: (target ?? "").slice(0, 256),
        ...(first.suggestion === null ? {} : { suggestion: first.suggestion }),
      },
    });
    return new BuildFailure(error, null, null);
  }
  const params = {
    reason: first.code,
    message: first.message.slice(0, 4000),
    line: first.range.startLine,
    column: first.range.startColumn,
    ...(first.suggestion === null ? {} : { suggestion: first.suggestion }),
  };
  const code = first.code === "flag-unsupported" ? "instruction-unsupported" : "dockerfile-invalid";
  return new BuildFailure(new SlipwayError(code, first.message, { params }), null, first.range);
}
