export { type Alignable, align } from "./alignment.ts";
export { argValue, PROXY_ARGS } from "./build-args.ts";
export type { Diagnostic, DiagnosticCode } from "./diagnostics.ts";
export type { Directives } from "./directives.ts";
export { ExpansionError, expandText, expandWord, expandWords, type Variables } from "./expansion.ts";
export { compileGlob, type Glob, type GlobDialect, globProblem } from "./glob.ts";
export { type HereDocument, hereDocumentText, openingOf } from "./here-documents.ts";
export { IgnoreFile, type IgnoreProblem, type IgnoreRule, ignoreFileNames } from "./ignore-file.ts";
export type {
  ArgInstruction,
  CmdInstruction,
  Command,
  CopyInstruction,
  EntrypointInstruction,
  EnvInstruction,
  ExposeInstruction,
  FromInstruction,
  HealthcheckInstruction,
  Instruction,
  LabelInstruction,
  MaintainerInstruction,
  MountFlag,
  OnbuildInstruction,
  Pair,
  RunInstruction,
  ShellInstruction,
  StopsignalInstruction,
  UserInstruction,
  VolumeInstruction,
  WorkdirInstruction,
} from "./instructions.ts";
export { KEYWORDS, type Keyword } from "./keywords.ts";
export { type LintDiagnostic, type LintOptions, lint, platformArgs } from "./lint/lint.ts";
export { LINT_RULES, type LintRule, lintRuleUrl } from "./lint/rules.ts";
export {
  CACHE_SHARINGS,
  type CacheSharing,
  MOUNT_TYPES,
  MountError,
  type MountType,
  type RunMount,
} from "./mount.ts";
export { readMount } from "./mount-reader.ts";
export {
  type Dockerfile,
  MAX_DOCKERFILE_CHARACTERS,
  MAX_LINE_CHARACTERS,
  parseDockerfile,
} from "./parser.ts";
export { type BuildPlan, type PlanOptions, planBuild, type StageBase, type StagePlan } from "./plan.ts";
export { isImageReference } from "./reference.ts";
export { type CheckSurroundings, checkDockerfile } from "./service/check.ts";
export { type Completion, type CompletionItem, complete } from "./service/completion.ts";
export type { CompletionKind, CompletionSources } from "./service/completion-sources.ts";
export { DockerfileText } from "./service/dockerfile-text.ts";
export { formatDockerfile } from "./service/format.ts";
export { type Hover, hoverAt } from "./service/hover.ts";
export { type OutlineStage, type OutlineStep, outlineOf } from "./service/outline.ts";
export { type FixTitle, type QuickFix, quickFixes } from "./service/quick-fixes.ts";
export { applyEdits, type TextEdit } from "./service/text-places.ts";
export type { Topic } from "./service/topics.ts";
export type { SourceRange } from "./source.ts";
export { parseTrigger } from "./trigger.ts";
