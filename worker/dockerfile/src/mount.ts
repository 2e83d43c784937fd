export const MOUNT_TYPES = ["bind", "cache", "tmpfs", "secret", "ssh"] as const;
export type MountType = (typeof MOUNT_TYPES)[number];

export const CACHE_SHARINGS = ["shared", "private", "locked"] as const;
export type CacheSharing = (typeof CACHE_SHARINGS)[number];

/**
 * A `RUN --mount`, expanded and with BuildKit's defaults
 * (https://docs.docker.com/reference/dockerfile/#run---mount; frontend/dockerfile/instructions/commands_runmount.go).
 */
export interface RunMount {
  readonly type: MountType;
  /**
   * Path in the container, as written: relative to the working directory, and that itself where it is empty. Only the
   * builder knows whether it ends up at the root, which it must not. Empty for a secret that is a variable only, and for
   * ssh where none was given.
   */
  readonly target: string;
  /** bind, cache: path in `from`, which defaults to its root. Empty for the other types. */
  readonly source: string;
  /** bind, cache: a stage's name or number, or an image; null is the build context (bind) or an empty directory (cache). */
  readonly from: string | null;
  readonly readonly: boolean;
  /** secret, ssh: the build fails where it was not given one. */
  readonly required: boolean;
  /** cache: what builds share it by (the target by default). secret: its name. ssh: the agent's name. Else empty. */
  readonly id: string;
  /** cache: how builds that use it at the same time get along. */
  readonly sharing: CacheSharing;
  /** tmpfs: bytes it may hold; null is without a bound of its own. */
  readonly sizeBytes: number | null;
  /** cache: 0755, secret: 0400, ssh: 0600 by default. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** secret: name of the environment variable that holds it; null where it is a file only. */
  readonly env: string | null;
}

/** A mount that can't be understood. */
export class MountError extends Error {
  override readonly name = "MountError";
  /** What was probably meant. */
  readonly suggestion: string | null;

  constructor(message: string, suggestion: string | null = null) {
    super(suggestion === null ? message : `${message} (did you mean ${suggestion}?)`);
    this.suggestion = suggestion;
  }
}
