import {
  type BuildPlan,
  type Diagnostic,
  type Dockerfile,
  IgnoreFile,
  parseDockerfile,
  planBuild,
} from "@slipway/dockerfile";
import { SlipwayError, type SourceRange } from "@slipway/protocol";
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
  readonly warnings: readonly Warning[];
  /** For the build checks, which need to know the base images. */
  readonly dockerfile: Dockerfile;
  readonly ignoreFile: IgnoreFile | null;
}

export interface PlanRequest {
  /** Path of the Dockerfile in the context. */
  readonly dockerfile: string;
  readonly context: ContextTree;
  readonly target: string | null;
  readonly buildArgs: Readonly<Record<string, string>>;
}

/** Reads the Dockerfile of a context. Throws BuildFailure. */
export function readPlan({ dockerfile: path, context, target, buildArgs }: PlanRequest): ReadPlan {
  const text = context.text(path);
  if (text === null) {
    const name = path.slice(0, 1000);
    const error = new SlipwayError("dockerfile-missing", `There is no "${name}" in the build context.`, {
      params: { path: name },
    });
    throw new BuildFailure(error, null, null);
  }
  const dockerfile = parseDockerfile(text);
  const { plan, diagnostics } = planBuild(dockerfile, {
    platform: PLATFORM,
    predefined: PLATFORM_ARGS,
    target,
    buildArgs: new Map(Object.entries(buildArgs)),
  });
  const all = [...dockerfile.diagnostics, ...diagnostics];
  if (!plan) throw invalidDockerfile(all, target);
  const steps = plan.allStages.reduce((sum, stage) => sum + 1 + stage.instructions.length, 0);
  if (steps > MAX_STEPS) {
    const message = `The Dockerfile has more than ${MAX_STEPS} instructions.`;
    throw new BuildFailure(new SlipwayError("dockerfile-invalid", message), null, null);
  }
  const warnings = all.filter(({ severity }) => severity === "warning");
  const ignored = context.text(`${path}.dockerignore`) ?? context.text(".dockerignore");
  const ignoreFile = ignored === null ? null : new IgnoreFile(ignored);
  return { plan, escape: dockerfile.directives.escape, warnings, dockerfile, ignoreFile };
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
