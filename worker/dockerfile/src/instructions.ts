import type { HereDocument } from "./here-documents.ts";
import type { SourceRange } from "./source.ts";

/** What every instruction has. Values are as written: variables are expanded when the plan is carried out. */
interface Written {
  readonly range: SourceRange;
  /** The instruction on one line, continuations joined, without here-documents. */
  readonly text: string;
  /** The comment lines that stand right above it, without `#`. */
  readonly comments: readonly string[];
}

/** `["exec", "form"]`, or text for the shell. */
export type Command =
  | { readonly form: "exec"; readonly args: readonly string[] }
  | { readonly form: "shell"; readonly script: string; readonly hereDocuments: readonly HereDocument[] };

export interface Pair {
  readonly key: string;
  readonly value: string;
}

export interface FromInstruction extends Written {
  readonly kind: "from";
  readonly image: string;
  /** Lower case, as stage names are compared without regard to case. */
  readonly stageName: string | null;
  readonly platform: string | null;
}

/** `--mount=type=bind,from=base,…` as written. Its values are expanded when the step is carried out: see readMount. */
export interface MountFlag {
  readonly text: string;
  /** Stage's name or number, or image, that `from=` names; the plan needs it before anything can be expanded. */
  readonly from: string | null;
  readonly range: SourceRange;
}

export interface RunInstruction extends Written {
  readonly kind: "run";
  readonly command: Command;
  readonly mounts: readonly MountFlag[];
  readonly network: "default" | "none" | "host";
  readonly security: "sandbox" | "insecure";
}

export interface CmdInstruction extends Written {
  readonly kind: "cmd";
  readonly command: Command;
}

export interface EntrypointInstruction extends Written {
  readonly kind: "entrypoint";
  readonly command: Command;
}

export interface LabelInstruction extends Written {
  readonly kind: "label";
  readonly pairs: readonly Pair[];
  /** `LABEL name value`. */
  readonly oldForm: boolean;
}

export interface EnvInstruction extends Written {
  readonly kind: "env";
  readonly pairs: readonly Pair[];
  /** `ENV name value`. */
  readonly oldForm: boolean;
}

export interface ExposeInstruction extends Written {
  readonly kind: "expose";
  readonly ports: readonly string[];
}

/** `COPY` and `ADD`: sources are paths of the context, of `from`, or here-documents. */
export interface CopyInstruction extends Written {
  readonly kind: "copy" | "add";
  /** A stage's name or number, or an image. */
  readonly from: string | null;
  readonly chown: string | null;
  /** Octal digits, or symbolic as in chmod(1): `u=rwX,go=rX`. May hold variables. */
  readonly chmod: string | null;
  /** The copy becomes a layer that does not depend on those below. */
  readonly link: boolean;
  /** COPY: directories on the way to a source are kept; `/./` marks where they begin. */
  readonly parents: boolean;
  /** Patterns of `.dockerignore`'s kind; what they match is not copied. */
  readonly exclude: readonly string[];
  /** ADD of a URL or a repository: what its bytes or its commit must be. */
  readonly checksum: string | null;
  /** ADD of a repository: keeps `.git`. */
  readonly keepGitDir: boolean;
  /** ADD: whether archives are unpacked; null is ADD's own rule (local ones are, fetched ones are not). */
  readonly unpack: boolean | null;
  readonly sources: readonly string[];
  readonly inline: readonly HereDocument[];
  readonly destination: string;
}

export interface UserInstruction extends Written {
  readonly kind: "user";
  readonly user: string;
}

export interface WorkdirInstruction extends Written {
  readonly kind: "workdir";
  readonly path: string;
}

export interface VolumeInstruction extends Written {
  readonly kind: "volume";
  readonly paths: readonly string[];
}

export interface ArgInstruction extends Written {
  readonly kind: "arg";
  readonly args: readonly { readonly name: string; readonly value: string | null }[];
}

export interface ShellInstruction extends Written {
  readonly kind: "shell";
  readonly shell: readonly string[];
}

/** Deprecated in favour of LABEL, and still read: it sets the image's author. */
export interface MaintainerInstruction extends Written {
  readonly kind: "maintainer";
  readonly maintainer: string;
}

/** An instruction that runs when another image is built from this one. */
export interface OnbuildInstruction extends Written {
  readonly kind: "onbuild";
  /** The instruction as written, which the image's config keeps. */
  readonly trigger: string;
  readonly instruction: Instruction;
}

export interface StopsignalInstruction extends Written {
  readonly kind: "stopsignal";
  /** `SIGTERM`, `9`; may hold variables. */
  readonly signal: string;
}

export interface HealthcheckInstruction extends Written {
  readonly kind: "healthcheck";
  /** null is `HEALTHCHECK NONE`. */
  readonly command: Command | null;
  /** Nanoseconds, as the image config has them; null where not given. */
  readonly interval: number | null;
  readonly timeout: number | null;
  readonly startPeriod: number | null;
  readonly startInterval: number | null;
  readonly retries: number | null;
}

export type Instruction =
  | MaintainerInstruction
  | OnbuildInstruction
  | StopsignalInstruction
  | HealthcheckInstruction
  | FromInstruction
  | RunInstruction
  | CmdInstruction
  | EntrypointInstruction
  | LabelInstruction
  | EnvInstruction
  | ExposeInstruction
  | CopyInstruction
  | UserInstruction
  | WorkdirInstruction
  | VolumeInstruction
  | ArgInstruction
  | ShellInstruction;
