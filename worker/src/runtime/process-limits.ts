import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";

/** Limits of processes (setrlimit(2)) by the names of `--ulimit`, each with its line of proc_pid_limits(5). */
const LINES = {
  as: "Max address space",
  core: "Max core file size",
  cpu: "Max cpu time",
  data: "Max data size",
  fsize: "Max file size",
  locks: "Max file locks",
  memlock: "Max locked memory",
  msgqueue: "Max msgqueue size",
  nice: "Max nice priority",
  nofile: "Max open files",
  nproc: "Max processes",
  rss: "Max resident set",
  rtprio: "Max realtime priority",
  rttime: "Max realtime timeout",
  sigpending: "Max pending signals",
  stack: "Max stack size",
} as const;

export type ProcessLimitName = keyof typeof LINES;
export const PROCESS_LIMITS = Object.keys(LINES) as [ProcessLimitName, ...ProcessLimitName[]];

/** Infinity: none. */
export interface ProcessLimit {
  readonly name: ProcessLimitName;
  readonly soft: number;
  readonly hard: number;
}

/** The most that processes of this one may have. */
export type MostLimits = Readonly<Record<ProcessLimitName, number>>;

/**
 * Counted by user, also against the user who made the namespace: root of this machine, for all containers together
 * (kernel/user_namespace.c, set_userns_rlimit_max). So they may be set only when the namespace is there.
 */
const COUNTED_BY_USER: ReadonlySet<ProcessLimitName> = new Set([
  "memlock",
  "msgqueue",
  "nproc",
  "sigpending",
]);

/** Its hard limits: without CAP_SYS_RESOURCE none can be raised above them, and with it nobody's should be. */
export async function ownLimits(): Promise<MostLimits> {
  const limits = await readFile("/proc/self/limits", "utf8");
  const hard = (line: string) => {
    const found = new RegExp(`^${line}\\s+\\S+\\s+(\\S+)`, "m").exec(limits)?.[1];
    return found === undefined || found === "unlimited" ? Number.POSITIVE_INFINITY : Number(found);
  };
  return Object.fromEntries(Object.entries(LINES).map(([name, line]) => [name, hard(line)])) as MostLimits;
}

/** What was asked for, cut to `most`, with that of open files, which each container has. */
export function withinLimits(
  asked: readonly ProcessLimit[],
  openFiles: number,
  most: MostLimits,
): ProcessLimit[] {
  const all: ProcessLimit[] = [
    { name: "nofile", soft: openFiles, hard: openFiles },
    // One without a limit stands for as much as there may be.
    ...asked.filter(({ name, hard }) => name !== "nofile" || Number.isFinite(hard)),
  ];
  const last = new Map(all.map((limit) => [limit.name, limit]));
  return [...last.values()].map(({ name, soft, hard }) => {
    const highest = Math.min(hard, most[name], name === "nofile" ? openFiles : hard);
    return { name, soft: Math.min(soft, highest), hard: highest };
  });
}

/** Stands for RLIM_INFINITY, which no number of JavaScript is, until `configText`. Nobody outside can guess it. */
const UNLIMITED = `unlimited-${randomUUID()}`;
const RLIM_INFINITY = "18446744073709551615";

/** `process.rlimits` of config.json. */
export const rlimitsConfig = (limits: readonly ProcessLimit[]): object[] =>
  limits.map(({ name, soft, hard }) => ({
    type: `RLIMIT_${name.toUpperCase()}`,
    soft: Number.isFinite(soft) ? soft : UNLIMITED,
    hard: Number.isFinite(hard) ? hard : UNLIMITED,
  }));

/** A configuration as its file holds it. */
export const configText = (config: object): string =>
  JSON.stringify(config).replaceAll(JSON.stringify(UNLIMITED), RLIM_INFINITY);

/** Those that a runtime may set itself before there is a user namespace, and those that it may not. */
export function byMoment(limits: readonly ProcessLimit[]): { early: ProcessLimit[]; late: ProcessLimit[] } {
  return {
    early: limits.filter(({ name }) => !COUNTED_BY_USER.has(name)),
    late: limits.filter(({ name }) => COUNTED_BY_USER.has(name)),
  };
}

/** The state of a container comes in on stdin (runtime.md, "State"). */
const SET_LATE = `pid=$(sed -n 's/.*"pid" *: *\\([0-9][0-9]*\\).*/\\1/p' | head -n 1); exec prlimit --pid "$pid" "$@"`;

/** `hooks` of config.json: set by somebody else as soon as there is a namespace, before anything of the container runs. */
export function limitHooks(late: readonly ProcessLimit[]): object {
  if (late.length === 0) return {};
  const text = (value: number) => (Number.isFinite(value) ? String(value) : "unlimited");
  const options = late.map(({ name, soft, hard }) => `--${name}=${text(soft)}:${text(hard)}`);
  const hook = {
    path: "/bin/sh",
    args: ["sh", "-c", SET_LATE, "sh", ...options],
    env: ["PATH=/usr/sbin:/usr/bin:/sbin:/bin"],
  };
  return { hooks: { createRuntime: [hook] } };
}
