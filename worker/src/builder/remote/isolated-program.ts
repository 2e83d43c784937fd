import { spawn } from "node:child_process";
import type { AcquiredNetwork } from "../builder.ts";

/** What of a program's output is kept, characters. */
const OUTPUT_CHARACTERS = 256 * 1024;

export interface IsolatedProgram {
  readonly args: readonly [string, ...string[]];
  readonly env: Readonly<Record<string, string>>;
  /** The program's /tmp, where it starts; nothing else of the machine can be written to. */
  readonly directory: string;
  /** Content for its /etc/resolv.conf, as a file. */
  readonly resolvConf: string;
  readonly network: AcquiredNetwork & { readonly namespacePath: string };
  /** Who it runs as: an id of the host that nobody else has. */
  readonly uid: number;
  /** Largest single file, bytes. */
  readonly maxFileBytes: number;
  readonly signal: AbortSignal;
}

export interface Outcome {
  /** Null when it was killed. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Mounts are those of the program's own namespace; the last line takes every right away. */
const SCRIPT = [
  'mount --bind "$1" /etc/resolv.conf',
  'mount --bind "$2" /tmp',
  "cd /tmp",
  'uid="$3" size="$4"',
  "shift 4",
  'exec prlimit --fsize="$size" --core=0 --nproc=256 --nofile=1024 -- setpriv --reuid="$uid" --regid="$uid" --clear-groups --no-new-privs --inh-caps=-all --bounding-set=-all -- "$@"',
].join(" && ");

/**
 * Runs a program of this machine on what strangers wrote: in a network of theirs, with mounts and pids of its own and
 * without any right. All that it started is gone when this resolves. Rejects with the signal's reason.
 */
export async function runIsolated(program: IsolatedProgram): Promise<Outcome> {
  const { args, env, directory, resolvConf, network, uid, maxFileBytes, signal } = program;
  signal.throwIfAborted();
  const command = [
    ...["nsenter", `--net=${network.namespacePath}`, "--"],
    ...["unshare", "--mount", "--pid", "--ipc", "--fork", "--kill-child", "--propagation", "private", "--"],
    ...["sh", "-c", SCRIPT, "sh", resolvConf, directory, String(uid), String(maxFileBytes), ...args],
  ];
  const child = spawn(command[0] ?? "", command.slice(1), {
    stdio: ["ignore", "pipe", "pipe"],
    cwd: "/",
    env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", HOME: "/tmp", LC_ALL: "C.UTF-8", ...env },
  });
  const texts = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8");
    child[name].on("data", (text: string) => {
      texts[name] = (texts[name] + text).slice(-OUTPUT_CHARACTERS);
    });
  }
  const stop = () => child.kill("SIGKILL");
  signal.addEventListener("abort", stop, { once: true });
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.on("error", reject);
      child.on("close", resolve);
    });
    signal.throwIfAborted();
    return { code, ...texts };
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
