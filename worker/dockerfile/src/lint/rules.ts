interface Rule {
  readonly description: string;
  /** Runs only where `experimental=` names it. */
  readonly isExperimental: boolean;
}

const rule = (description: string, isExperimental = false): Rule => ({ description, isExperimental });

/**
 * BuildKit's build checks, by name (https://docs.docker.com/reference/build-checks/). InvalidBaseImagePlatform is left
 * to the builder: only the pulled image tells.
 */
export const LINT_RULES = {
  StageNameCasing: rule("Stage names should be lowercase"),
  FromAsCasing: rule("The 'as' keyword should match the case of the 'from' keyword"),
  NoEmptyContinuation: rule("Empty continuation lines will become errors in a future release"),
  ConsistentInstructionCasing: rule(
    "All commands within the Dockerfile should use the same casing (either upper or lower)",
  ),
  DuplicateStageName: rule("Stage names should be unique"),
  ReservedStageName: rule("Reserved words should not be used as stage names"),
  JSONArgsRecommended: rule(
    "JSON arguments recommended for ENTRYPOINT/CMD to prevent unintended behavior related to OS signals",
  ),
  MaintainerDeprecated: rule(
    "The MAINTAINER instruction is deprecated, use a label instead to define an image author",
  ),
  UndefinedArgInFrom: rule("FROM command must use declared ARGs"),
  WorkdirRelativePath: rule(
    "Relative workdir without an absolute workdir declared within the build can have unexpected results if the base image changes",
  ),
  UndefinedVar: rule("Variables should be defined before their use"),
  MultipleInstructionsDisallowed: rule(
    "Multiple instructions of the same type should not be used in the same stage",
  ),
  LegacyKeyValueFormat: rule("Legacy key/value format with whitespace separator should not be used"),
  RedundantTargetPlatform: rule(
    "Setting platform to predefined $TARGETPLATFORM in FROM is redundant as this is the default behavior",
  ),
  SecretsUsedInArgOrEnv: rule("Sensitive data should not be used in the ARG or ENV commands"),
  InvalidDefaultArgInFrom: rule(
    "Default value for global ARG results in an empty or invalid base image name",
  ),
  FromPlatformFlagConstDisallowed: rule("FROM --platform flag should not use a constant value"),
  CopyIgnoredFile: rule("Attempting to Copy file that is excluded by .dockerignore"),
  InvalidDefinitionDescription: rule(
    "Comment for build stage or argument should follow the format: `# <arg/stage name> <description>`. If this is not intended to be a description comment, add an empty line or comment between the instruction and the comment.",
    true,
  ),
  ExposeProtoCasing: rule("Protocol in EXPOSE instruction should be lowercase"),
  ExposeInvalidFormat: rule(
    "IP address and host-port mapping should not be used in EXPOSE instruction. This will become an error in a future release",
  ),
} as const satisfies Record<string, Rule>;

export type LintRule = keyof typeof LINT_RULES;

/** Page that explains a build check: `https://docs.docker.com/reference/build-checks/json-args-recommended/`. */
export function lintRuleUrl(name: LintRule): string {
  const slug = name.replace(/([a-z])([A-Z])/g, "$1-$2").replace(/([A-Z]+)([A-Z][a-z])/g, "$1-$2");
  return `https://docs.docker.com/reference/build-checks/${slug.toLowerCase()}/`;
}
