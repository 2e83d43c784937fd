import type { RunInstruction } from "@slipway/dockerfile";
import { SlipwayError } from "@slipway/protocol";
import { resolveUser } from "../runtime/user.ts";
import type { ActiveSnapshot } from "../snapshot/snapshotter.ts";
import type { BuildRun } from "./build-run.ts";
import { DEFAULT_PATH } from "./config.ts";
import { fileStep, type StepScope } from "./file-step.ts";
import { runText } from "./history.ts";
import { cacheMountsOf } from "./mounts/cache-mounts.ts";
import { Mounter } from "./mounts/mounter.ts";
import { type PlannedMounts, planMounts } from "./mounts/run-mounts.ts";
import { removeStubParents } from "./mounts/stub-parents.ts";
import { commandOf, type RunCommand, SCRIPT_DIRECTORY } from "./run-command.ts";
import { runFailed } from "./run-failure.ts";
import type { Stage } from "./stage.ts";

const HOSTNAME = "build";
const HOSTS_FILE = `127.0.0.1\tlocalhost ${HOSTNAME}\n`;
/** Open files of each process of a RUN. */
const OPEN_FILES = 65_536;
/** Mount points that every container has and an image may lack. */
const USUAL_DESTINATIONS = ["/etc/hosts"];

/** Runs a command in a container on top of the stage's files. */
export async function runStep(
  run: BuildRun,
  stage: Stage,
  at: { readonly step: number; readonly index: number },
  instruction: RunInstruction,
): Promise<void> {
  const { config } = stage;
  refuseEntitlements(instruction);
  const command = commandOf(instruction, config.shell);
  const env = stage.variables;
  const cwd = config.workingDir || "/";
  const mounts = await planMounts(run, stage, instruction.mounts, cwd);
  const { user } = config;
  const { network } = instruction;
  // A build has one network, its own: that is also what "host" means here.
  const isIsolated = network === "none";
  await fileStep(run, stage, {
    ...at,
    definition: [
      "run",
      command.args,
      [...env],
      cwd,
      user,
      command.script,
      isIsolated,
      // Names that RUN may ask for are part of what it sees.
      ...(run.job.surroundings?.hosts.length ? [run.job.surroundings.hosts] : []),
      ...(mounts.mounts.length === 0 ? [] : mounts.definition),
    ],
    isPrivate: mounts.isPrivate,
    files: mounts.files.size === 0 ? null : mounts.files,
    history: runText(command.args, stage),
    isProgram: true,
    work: (active, scope) =>
      scope.space.writing(() => execute(run, { command, env, cwd, user, mounts, isIsolated }, active, scope)),
  });
}

/** What BuildKit does only for those whom the daemon's operator trusts; see ARCHITECTURE.md. */
function refuseEntitlements({ security }: RunInstruction): void {
  if (security === "sandbox") return;
  throw new SlipwayError("entitlement-refused", "RUN --security=insecure is allowed to nobody here.", {
    params: { what: "security.insecure" },
  });
}

interface RunProcess {
  readonly command: RunCommand;
  readonly env: ReadonlyMap<string, string>;
  readonly cwd: string;
  readonly user: string;
  readonly mounts: PlannedMounts;
  readonly isIsolated: boolean;
}

async function execute(
  run: BuildRun,
  process: RunProcess,
  active: ActiveSnapshot,
  scope: StepScope,
): Promise<void> {
  const { parts, job } = run;
  const slot = parts.ids.take();
  const mounter = new Mounter({
    ids: parts.ids.range(slot),
    slots: parts.ids,
    caches: cacheMountsOf(parts),
    owner: job.recordName,
    secrets: job.secrets,
    sshKeys: job.sshKeys,
    directory: scope.directory,
    space: scope.space,
    signal: scope.signal,
  });
  try {
    for (const planned of process.mounts.mounts) await mounter.add(planned);
    const { script } = process.command;
    if (script) await mounter.script(SCRIPT_DIRECTORY, script.name, script.content);
    const group = await scope.cgroup();
    const before = parts.cgroups.counters(group);
    const exitCode = await start(run, process, active, scope, { mounter, slot });
    if (exitCode !== 0) {
      const after = parts.cgroups.counters(group);
      throw runFailed(process.command.args, exitCode, { before, after, limits: job.limits });
    }
  } catch (error) {
    scope.signal.throwIfAborted();
    mounter.checkCaches();
    await scope.space.failed(error);
    throw error;
  } finally {
    try {
      await mounter.close();
    } finally {
      parts.ids.release(slot);
    }
  }
  const destinations = [...USUAL_DESTINATIONS, ...mounter.mounts.map(({ destination }) => destination)];
  removeStubParents(active, destinations);
}

async function start(
  run: BuildRun,
  { command, env, cwd, user: name, isIsolated }: RunProcess,
  active: ActiveSnapshot,
  scope: StepScope,
  { mounter, slot }: { readonly mounter: Mounter; readonly slot: number },
): Promise<number> {
  const { parts, job } = run;
  const user = await resolveUser(active.lowers, name);
  const environment = new Map([...job.plan.proxyEnvironment, ...mounter.env, ...env]);
  // A secret wins over a variable of the image.
  for (const [key, value] of mounter.env) if (key !== "SSH_AUTH_SOCK") environment.set(key, value);
  if (!environment.has("PATH")) environment.set("PATH", DEFAULT_PATH);
  if (!environment.has("HOME")) environment.set("HOME", user.home);
  const [network, cgroupParent] = await Promise.all([isIsolated ? null : scope.network(), scope.cgroup()]);
  return await parts.runtime.run(
    {
      id: scope.id,
      rootfs: {
        lowers: active.lowers.length === 0 ? [run.emptyDirectory] : active.lowers,
        upper: active.upper,
        work: active.work,
      },
      process: {
        args: command.args,
        env: [...environment].map(([key, value]) => `${key}=${value}`),
        cwd,
        user,
      },
      hostname: HOSTNAME,
      ids: parts.ids.range(slot),
      networkNamespace: network?.namespacePath ?? null,
      hostsFile: [HOSTS_FILE, ...(job.surroundings?.hosts ?? []).map((line) => `${line}\n`)].join(""),
      resolvConf: network?.resolvConf ?? "",
      cgroupParent,
      limits: { ...job.limits, openFiles: OPEN_FILES },
      mounts: mounter.mounts,
    },
    {
      stdout: (chunk) => scope.log.bytes("stdout", chunk),
      stderr: (chunk) => scope.log.bytes("stderr", chunk),
    },
    scope.signal,
  );
}
