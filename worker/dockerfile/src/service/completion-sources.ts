import { CACHE_SHARINGS, MOUNT_TYPES } from "../mount.ts";

/** What completion can't know from the text. Lists that are still on their way are empty. */
export interface CompletionSources {
  /** Images that can be built on, with their tags: `node`, `18`. */
  readonly images: readonly { readonly name: string; readonly tags: readonly string[] }[];
  /** Paths of the files in the build context. */
  readonly files: readonly string[];
}

export type CompletionKind =
  | "instruction"
  | "flag"
  | "value"
  | "stage"
  | "image"
  | "tag"
  | "variable"
  | "path"
  | "directive"
  | "rule";

export const PLATFORMS = ["linux/amd64", "linux/arm64", "$BUILDPLATFORM", "$TARGETPLATFORM"] as const;

export const SIGNALS = ["SIGTERM", "SIGINT", "SIGQUIT", "SIGKILL", "SIGHUP", "SIGUSR1", "SIGWINCH"] as const;

/** Values of flags that have few. */
export const FLAG_VALUES: Readonly<Record<string, readonly string[]>> = {
  "FROM.platform": PLATFORMS,
  "RUN.network": ["default", "none", "host"],
  "RUN.security": ["sandbox"],
  "COPY.link": ["true", "false"],
  "COPY.parents": ["true", "false"],
  "COPY.chmod": ["755", "644", "u=rwX,go=rX"],
  "ADD.link": ["true", "false"],
  "ADD.keep-git-dir": ["true", "false"],
  "ADD.unpack": ["true", "false"],
  "ADD.chmod": ["755", "644", "u=rwX,go=rX"],
  "ADD.checksum": ["sha256:"],
  "HEALTHCHECK.interval": ["30s", "10s", "1m"],
  "HEALTHCHECK.timeout": ["3s", "5s", "10s"],
  "HEALTHCHECK.start-period": ["5s", "30s"],
  "HEALTHCHECK.start-interval": ["1s", "5s"],
  "HEALTHCHECK.retries": ["3", "5"],
};

/** Flags that take a value: what is inserted ends with `=`. */
export const takesValue = (type: string): boolean => type !== "boolean";

/** Fields of a mount by its type. */
export const MOUNT_FIELDS: Readonly<Record<string, readonly string[]>> = {
  bind: ["source=", "target=", "from=", "readwrite"],
  cache: ["target=", "id=", "sharing=", "from=", "source=", "mode=", "uid=", "gid=", "readonly"],
  tmpfs: ["target=", "size="],
  secret: ["id=", "target=", "env=", "required", "mode=", "uid=", "gid="],
  ssh: ["id=", "target=", "required", "mode=", "uid=", "gid="],
};

export const MOUNT_VALUES: Readonly<Record<string, readonly string[]>> = {
  type: MOUNT_TYPES,
  sharing: CACHE_SHARINGS,
  required: ["true", "false"],
};
