import { type Instruction, parseDockerfile } from "@slipway/dockerfile";

/** What a Dockerfile lets people choose and asks them for. */
export interface DockerfileHints {
  /** Names of stages. */
  readonly stages: readonly string[];
  /** Names that ARG declares. */
  readonly args: readonly string[];
  /** Ids of `RUN --mount=type=secret` and of `type=ssh`. */
  readonly secrets: readonly string[];
  readonly sshKeys: readonly string[];
}

/** The id of an ssh mount that names none (Dockerfile reference, RUN --mount=type=ssh). */
const DEFAULT_SSH_ID = "default";

/** Reads a Dockerfile as far as it can be read. */
export function dockerfileHints(text: string): DockerfileHints {
  const { instructions } = parseDockerfile(text);
  const mounts = instructions.flatMap((instruction) =>
    instruction.kind === "run" ? instruction.mounts.map((mount) => fieldsOf(mount.text)) : [],
  );
  return {
    stages: unique(instructions.map(stageName)),
    args: unique(
      instructions.flatMap((instruction) =>
        instruction.kind === "arg" ? instruction.args.map(({ name }) => name) : [],
      ),
    ),
    secrets: unique(mounts.filter(({ type }) => type === "secret").map(secretId)),
    sshKeys: unique(mounts.filter(({ type }) => type === "ssh").map(({ id }) => id ?? DEFAULT_SSH_ID)),
  };
}

const stageName = (instruction: Instruction): string | null =>
  instruction.kind === "from" ? instruction.stageName : null;

/** Without an id, a secret is called like the file that it is mounted as. */
const secretId = ({ id, target, dst, destination }: Readonly<Record<string, string>>): string | null =>
  id ?? (target ?? dst ?? destination)?.replace(/^.*\//, "") ?? null;

/** `type=secret,id=token,required` as it is written; ids with variables can't be told before the build. */
function fieldsOf(text: string): Record<string, string> {
  const fields = text.split(",").map((field) => field.split("=", 2).map((part) => part.trim()));
  return Object.fromEntries(fields.map(([key = "", value = ""]) => [key.toLowerCase(), value]));
}

const unique = (names: readonly (string | null)[]): string[] =>
  [...new Set(names.filter((name) => name !== null && name !== "" && !name.includes("$")))] as string[];
