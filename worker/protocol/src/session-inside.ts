import { z } from "zod";
import { sessionIdSchema } from "./ids.ts";

/*
 * What a session looks like from outside while it runs: what it uses, its processes as both sides number them, and what each
 * of its containers has of its own. All of it is of one moment; whoever wants to see it move asks again.
 */

const count = z.number().int().nonnegative();

/** Looks at one session are answered with what was seen at most so long ago. */
export const LOOK_AGE_MS = 900;

/** Counters rise for as long as the session lives: two looks give what was used in between. */
export const sessionUsageSchema = z.object({
  /** Milliseconds since the epoch. */
  at: z.number().int().positive(),
  cpuMicroseconds: count,
  /** Without page cache that can be dropped at once. */
  memoryBytes: count,
  /** Processes and threads. */
  pids: count,
  disk: z.object({ usedBytes: count, limitBytes: count, usedInodes: count, limitInodes: count }),
  network: z.object({ sentBytes: count, receivedBytes: count }),
});
export type SessionUsage = z.infer<typeof sessionUsageSchema>;

/** Kinds of namespaces (namespaces(7)), as /proc/<pid>/ns names them. */
export const namespaceKindSchema = z.enum(["pid", "mnt", "net", "user", "ipc", "uts", "cgroup", "time"]);
export type NamespaceKind = z.infer<typeof namespaceKindSchema>;

export const namespaceViewSchema = z.object({
  kind: namespaceKindSchema,
  /** Its inode number, by which the kernel tells it apart. */
  id: count,
  /** `own`: of this container alone; `session`: other containers of the session are in it too; `worker`: the machine's. */
  of: z.enum(["own", "session", "worker"]),
});
export type NamespaceView = z.infer<typeof namespaceViewSchema>;

/** Ids from `inside` on are those from `outside` on (user_namespaces(7), uid_map). */
export const idMapSchema = z.object({ inside: count, outside: count, count });
export type IdMap = z.infer<typeof idMapSchema>;

/** Most lines of an id map that are told, containers of a session, processes of it. */
const MAX_ID_MAPS = 8;
export const MAX_SEEN_CONTAINERS = 32;
export const MAX_SEEN_PROCESSES = 200;
/** Longest command line that is told, characters. */
export const COMMAND_CHARACTERS = 256;

export const containerInsideSchema = z.object({
  /** Name of its control group below the session's. */
  id: z.string().max(64),
  /** It is the one that the session was launched with. */
  main: z.boolean(),
  /** What docker calls it; null for one that docker did not make. */
  name: z.string().max(128).nullable().default(null),
  namespaces: z.array(namespaceViewSchema).max(namespaceKindSchema.options.length),
  uids: z.array(idMapSchema).max(MAX_ID_MAPS),
  gids: z.array(idMapSchema).max(MAX_ID_MAPS),
  /** What its first process and all that come from it may have at most (capabilities(7), bounding set). */
  capabilities: z.array(z.string().max(40)).max(64),
  noNewPrivileges: z.boolean(),
  /** System calls are filtered (seccomp(2)). */
  seccomp: z.boolean(),
  /** Its control group on the machine. */
  cgroup: z.string().max(256),
});
export type ContainerInside = z.infer<typeof containerInsideSchema>;

/** A process. Name and command line are what it calls itself: a stranger's text. */
export const processViewSchema = z.object({
  container: z.string().max(64),
  /** Its number outside, and in the pid namespace that it is in. */
  hostPid: z.number().int().positive(),
  pid: z.number().int().positive(),
  /** Number outside of its parent. */
  parentHostPid: count,
  /** User id outside, and as its container has it; null where the container has no such user. */
  hostUid: count,
  uid: count.nullable(),
  name: z.string().max(64),
  command: z.string().max(COMMAND_CHARACTERS),
  /** As in proc_pid_stat(5): `R`, `S`, `Z` … */
  state: z.string().max(1),
  memoryBytes: count,
});
export type ProcessView = z.infer<typeof processViewSchema>;

export const sessionInsideSchema = z.object({
  at: z.number().int().positive(),
  /** Namespaces of the worker, to hold those of the containers against. */
  worker: z.array(namespaceViewSchema.pick({ kind: true, id: true })).max(namespaceKindSchema.options.length),
  containers: z.array(containerInsideSchema).max(MAX_SEEN_CONTAINERS),
  processes: z.array(processViewSchema).max(MAX_SEEN_PROCESSES),
  /** There are more processes than are told. */
  cut: z.boolean(),
});
export type SessionInside = z.infer<typeof sessionInsideSchema>;

/** Both are answered with `session-missing` or `session-not-running` where there is nothing to see. */
export const sessionQueries = [
  z.object({ kind: z.literal("session-usage"), session: sessionIdSchema }),
  z.object({ kind: z.literal("session-inside"), session: sessionIdSchema }),
] as const;
