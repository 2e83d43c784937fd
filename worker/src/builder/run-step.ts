import { type HereDocument, hereDocumentText, type RunInstruction } from "@slipway/dockerfile";
import { SlipwayError } from "@slipway/protocol";
import { resolveUser } from "../runtime/user.ts";
import type { ActiveSnapshot } from "../snapshot/snapshotter.ts";
import type { BuildRun } from "./build-run.ts";
import { DEFAULT_PATH } from "./config.ts";
import { fileStep, type StepScope } from "./file-step.ts";
import { runText } from "./history.ts";
import { type Stage, variablesOf } from "./stage.ts";

const HOSTNAME = "build";
const HOSTS_FILE = `127.0.0.1\tlocalhost ${HOSTNAME}\n`;
/** Open files of each process of a RUN. */
const OPEN_FILES = 65_536;

/** Runs a command in a container on top of the stage's files. */
export async function runStep(
  run: BuildRun,
  stage: Stage,
  at: { readonly step: number; readonly index: number },
  instruction: RunInstruction,
): Promise<void> {
  const { config } = stage;
  const args = commandArgs(instruction, config.shell);
  const env = variablesOf(stage);
  const cwd = config.workingDir || "/";
  await fileStep(run, stage, {
    ...at,
    definition: ["run", args, [...env], cwd, config.user],
    files: null,
    history: runText(args, stage),
    work: (active, scope) => execute(run, { args, env, cwd, user: config.user }, active, scope),
  });
}

interface RunProcess {
  readonly args: readonly string[];
  readonly env: ReadonlyMap<string, string>;
  readonly cwd: string;
  readonly user: string;
}

async function execute(
  run: BuildRun,
  { args, env, cwd, user: name }: RunProcess,
  active: ActiveSnapshot,
  scope: StepScope,
): Promise<void> {
  const { parts, job } = run;
  const user = await resolveUser(active.lowers, name);
  const environment = new Map(env);
  if (!environment.has("PATH")) environment.set("PATH", DEFAULT_PATH);
  if (!environment.has("HOME")) environment.set("HOME", user.home);
  const [network, cgroupParent] = await Promise.all([scope.network(), scope.cgroup()]);
  const slot = parts.ids.take();
  try {
    const exitCode = await parts.runtime.run(
      {
        id: scope.id,
        rootfs: {
          lowers: active.lowers.length === 0 ? [run.emptyDirectory] : active.lowers,
          upper: active.upper,
          work: active.work,
        },
        process: { args, env: [...environment].map(([name, value]) => `${name}=${value}`), cwd, user },
        hostname: HOSTNAME,
        ids: parts.ids.range(slot),
        networkNamespace: network.namespacePath,
        hostsFile: HOSTS_FILE,
        resolvConf: network.resolvConf,
        cgroupParent,
        limits: { ...job.limits, openFiles: OPEN_FILES },
      },
      {
        stdout: (chunk) => scope.log.bytes("stdout", chunk),
        stderr: (chunk) => scope.log.bytes("stderr", chunk),
      },
      scope.signal,
    );
    if (exitCode !== 0) throw failed(args, exitCode);
  } finally {
    parts.ids.release(slot);
  }
}

/** BuildKit's sentence. */
function failed(args: readonly string[], exitCode: number): SlipwayError {
  const command = args.join(" ").slice(0, 1000);
  return new SlipwayError(
    "run-failed",
    `process "${command}" did not complete successfully: exit code: ${exitCode}`,
    { params: { command, exitCode } },
  );
}

function commandArgs(instruction: RunInstruction, shell: readonly string[]): string[] {
  const { command } = instruction;
  if (command.form === "exec") return [...command.args];
  return [...shell, scriptOf(command.script, command.hereDocuments)];
}

/**
 * The text for the shell. A line that is nothing but a here-document is that script; otherwise the shell itself reads
 * the here-documents, as they stand after the line.
 */
function scriptOf(line: string, documents: readonly HereDocument[]): string {
  const [first] = documents;
  if (!first) return line;
  if (documents.length === 1 && /^<<-?['"]?[^\s'"]+['"]?$/.test(line)) {
    const script = hereDocumentText(first);
    if (!script.startsWith("#!")) return script;
    throw new SlipwayError(
      "instruction-unsupported",
      "A here-document that starts with #! is not supported here yet.",
      {
        params: { instruction: "RUN" },
      },
    );
  }
  return line + documents.map(({ content, name }) => `\n${content}${name}`).join("");
}
