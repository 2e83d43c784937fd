import type { FlagName } from "../flags.ts";
import type { Keyword } from "../keywords.ts";
import type { MountType } from "../mount.ts";

/** What can be explained to a person. The explanations are texts of the page, one per topic and language. */
export type Topic =
  | `instruction:${Keyword}`
  | `flag:${FlagName}`
  | `mount:${MountType}`
  | `directive:${DirectiveName}`
  | `idiom:${Idiom}`;

export const DIRECTIVE_NAMES = ["syntax", "escape", "check"] as const;
export type DirectiveName = (typeof DIRECTIVE_NAMES)[number];

/** Ways of writing that beginners meet in nearly every Dockerfile. */
export type Idiom =
  | "apt-get-update"
  | "apt-get-install"
  | "no-install-recommends"
  | "remove-apt-lists"
  | "apk-add"
  | "pip-install"
  | "npm-install"
  | "set-options"
  | "pipefail"
  | "and-chain"
  | "curl-to-shell"
  | "chmod-executable"
  | "chmod-everything"
  | "add-user"
  | "copy-everything"
  | "copy-manifest"
  | "add-url"
  | "scratch"
  | "latest-tag"
  | "digest"
  | "stage-name"
  | "exec-form"
  | "shell-form"
  | "here-document"
  | "variable"
  | "exec-arguments"
  | "nginx-foreground"
  | "non-interactive"
  | "unbuffered-python"
  | "secret-file";
