import type { HereDocument } from "./here-documents.ts";
import type { SourceRange } from "./source.ts";

/** What every instruction has. Values are as written: variables are expanded when the plan is carried out. */
interface Written {
  readonly range: SourceRange;
  /** The instruction on one line, continuations joined, without here-documents. */
  readonly text: string;
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

export interface RunInstruction extends Written {
  readonly kind: "run";
  readonly command: Command;
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
}

export interface EnvInstruction extends Written {
  readonly kind: "env";
  readonly pairs: readonly Pair[];
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
  /** Octal digits. */
  readonly chmod: string | null;
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

export type Instruction =
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
