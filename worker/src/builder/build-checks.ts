import { type LintDiagnostic, lint } from "@slipway/dockerfile";
import { SlipwayError } from "@slipway/protocol";
import type { BuildRun } from "./build-run.ts";
import { configOf } from "./config.ts";
import { BuildFailure } from "./failure.ts";
import { PLATFORM, PLATFORM_ARGS } from "./platform.ts";

/** Warnings of one build; more say nothing new. */
const MAX_WARNINGS = 1000;

/**
 * BuildKit's build checks, as warnings; variables of base images count that are here. Throws BuildFailure where the
 * Dockerfile says `check=error=true` and something was found, or its `check` can't be read.
 */
export async function checkBuild(run: BuildRun): Promise<void> {
  const { warnings } = run.job;
  const found = await checksOf(run);
  const all = [...warnings, ...found.filter(({ severity }) => severity === "warning")].slice(0, MAX_WARNINGS);
  for (const { code, message, range } of all)
    run.emit({ type: "warning", code: code.slice(0, 128), message: message.slice(0, 4096), range });
  const error = found.find(({ severity }) => severity === "error");
  if (!error) return;
  const { startLine: line, startColumn: column } = error.range;
  const params = { reason: error.code, message: error.message.slice(0, 4000), line, column };
  throw new BuildFailure(
    new SlipwayError("dockerfile-invalid", error.message, { params }),
    null,
    error.range,
  );
}

/** Plans whose checks are remembered hold so many results: of base images with other variables. */
const MAX_RESULTS = 8;

async function checksOf(run: BuildRun): Promise<readonly LintDiagnostic[]> {
  const { plan, dockerfile, ignoreFile, checked } = run.job;
  const environments = new Map<string, ReadonlyMap<string, string>>();
  for (const { base } of plan.stages) {
    if (base.kind !== "image") continue;
    const image = await run.localImage(base.reference).catch(() => null);
    if (image) environments.set(base.reference, configOf(image.config).env);
  }
  const key = JSON.stringify([...environments].map(([name, values]) => [name, [...values]]));
  const known = ignoreFile === null ? checked.get(key) : undefined;
  if (known) return known;
  const found = lint(dockerfile, {
    platform: PLATFORM,
    predefined: PLATFORM_ARGS,
    buildArgs: plan.buildArgs,
    target: plan.target.name,
    ignoreFile,
    baseEnvironment: (reference) => environments.get(reference) ?? null,
  });
  if (ignoreFile === null && checked.size < MAX_RESULTS) checked.set(key, found);
  return found;
}
