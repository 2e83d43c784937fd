import type { DiagnosticCode } from "../diagnostics.ts";
import type { Variables } from "../expansion.ts";
import type { IgnoreFile } from "../ignore-file.ts";
import { type LintDiagnostic, lint, platformArgs } from "../lint/lint.ts";
import { planBuild } from "../plan.ts";
import type { DockerfileText } from "./dockerfile-text.ts";

export interface CheckSurroundings {
  readonly ignoreFile: IgnoreFile | null;
  /** Paths of the files of the context, where they are known. */
  readonly files: readonly string[] | null;
}

/** The platform of the worker that will build is not known here, so nothing is said of other ones. */
const PLATFORM = "linux/amd64";
const NOT_SAID: ReadonlySet<string> = new Set<DiagnosticCode>(["flag-unsupported"]);

/**
 * What the builder would say of a Dockerfile before its first step: parser, plan and build checks, all of them the builder's
 * own. In the order of the file, errors before warnings of one place.
 */
export function checkDockerfile(
  { dockerfile }: DockerfileText,
  { ignoreFile, files }: CheckSurroundings,
): readonly LintDiagnostic[] {
  const planned = planBuild(dockerfile, { platform: PLATFORM, predefined: platformArgs(PLATFORM) });
  const checks = lint(dockerfile, {
    platform: PLATFORM,
    ignoreFile,
    files,
    baseEnvironment: () => BASE_ENVIRONMENT,
  });
  const plan = planned.diagnostics.filter(({ code }) => !NOT_SAID.has(code));
  const all: LintDiagnostic[] = [...dockerfile.diagnostics, ...plan, ...checks];
  return all.toSorted((left, right) => left.range.startLine - right.range.startLine);
}

/** Variables that well-known base images set, which the editor can't look into; the builder knows them all. */
const BASE_ENVIRONMENT: Variables = new Map(
  [
    ["HOME", "LANG", "LC_ALL", "GPG_KEY"],
    ["NODE_VERSION", "YARN_VERSION", "BUN_VERSION", "DENO_VERSION"],
    ["PYTHON_VERSION", "PYTHON_SHA256", "PYTHON_PIP_VERSION", "PYTHON_SETUPTOOLS_VERSION"],
    ["NGINX_VERSION", "NJS_VERSION", "NJS_RELEASE", "PKG_RELEASE", "DYNPKG_RELEASE"],
    ["HTTPD_PREFIX", "HTTPD_VERSION", "REDIS_VERSION", "PGDATA", "PG_MAJOR", "PG_VERSION", "MYSQL_VERSION"],
    ["GCC_VERSION", "GOLANG_VERSION", "GOPATH", "GOTOOLCHAIN", "RUST_VERSION", "CARGO_HOME", "RUSTUP_HOME"],
    [
      "JAVA_HOME",
      "JAVA_VERSION",
      "MAVEN_HOME",
      "GRADLE_HOME",
      "RUBY_VERSION",
      "GEM_HOME",
      "BUNDLE_APP_CONFIG",
    ],
    ["PHP_INI_DIR", "PHP_VERSION", "COMPOSER_HOME", "DOTNET_VERSION", "ASPNET_VERSION"],
  ]
    .flat()
    .map((name) => [name, ""]),
);
