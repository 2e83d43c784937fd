import { readFile, writeFile } from "node:fs/promises";
import type { Logger } from "pino";
import { runProgram } from "../../process/program.ts";

/**
 * The kernel counts some things by user, and what a user namespace uses also counts for the user who made it (kernel/ucount.c):
 * root on the host, for all sessions together. Where such a count has a limit, one session uses it up for all others. So these
 * limits go, and what is counted takes memory, which each session has its own limit of.
 */
const SHARED_SYSCTLS = ["fs/inotify/max_user_instances", "fs/inotify/max_user_watches"] as const;
/** The most that the kernel takes (INT_MAX). */
const NO_LIMIT = 2 ** 31 - 1;
/** Processes, queued signals and timers, bytes in POSIX message queues: handed down to all that this process starts. */
const SHARED_RLIMITS = ["--nproc=unlimited", "--sigpending=unlimited", "--msgqueue=unlimited"];
/**
 * When the machine runs out of memory, this process, the shims and runtimes that it starts end after everything else
 * (proc_pid_oom_score_adj(5)); containers get a score of their own.
 */
const OOM_SCORE_ADJ = -500;
/** Open files of this process: sockets of viewers and previews, terminals, files of images. */
const OPEN_FILES = 65_536;
const PRLIMIT_TIMEOUT_MS = 10_000;

/**
 * Readies this process and the machine for many sessions beside each other. What can't be changed (a container without the
 * right to) stays as it is and is logged: sessions work, but one can use up what the kernel counts for all.
 */
export async function raiseHostLimits(log: Logger): Promise<void> {
  const steps: Record<string, () => Promise<unknown>> = {
    inotify: async () => {
      for (const name of SHARED_SYSCTLS) await raise(`/proc/sys/${name}`);
    },
    rlimits: async () => {
      const limits = [...SHARED_RLIMITS, ...(await openFiles())];
      await runProgram(["prlimit", "--pid", String(process.pid), ...limits], {
        timeoutMs: PRLIMIT_TIMEOUT_MS,
      });
    },
    oom: () => writeFile("/proc/self/oom_score_adj", String(OOM_SCORE_ADJ)),
  };
  for (const [what, step] of Object.entries(steps)) {
    await step().catch((error: unknown) => {
      log.warn({ err: error, what }, "a limit that all sessions share could not be lifted");
    });
  }
}

/** Node.js itself raises the soft limit to the hard one; a hard one that is higher stays. */
async function openFiles(): Promise<string[]> {
  const limits = await readFile("/proc/self/limits", "utf8");
  const hard = /^Max open files\s+\S+\s+(\d+)/m.exec(limits)?.[1];
  return hard !== undefined && Number(hard) < OPEN_FILES ? [`--nofile=${OPEN_FILES}:${OPEN_FILES}`] : [];
}

async function raise(file: string): Promise<void> {
  if (Number(await readFile(file, "utf8")) < NO_LIMIT) await writeFile(file, String(NO_LIMIT));
}
