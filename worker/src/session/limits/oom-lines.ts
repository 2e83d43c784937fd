/** A process that the kernel killed for memory, as the kernel's log tells it. */
export interface OomKill {
  /** As the host sees it. */
  readonly pid: number;
  readonly name: string;
  /** Its user as the host sees it. */
  readonly uid: number;
  /** Resident memory when it was killed; null until that line has come. */
  readonly memoryBytes: number | null;
  /** The group that it was in; null where the kernel said no more than the kill (it limits how often it says more). */
  readonly cgroup: string | null;
}

/** Longest record that is looked at: the kernel's own are below 1 KiB (include/linux/printk.h, PRINTK_MESSAGE_MAX is 2 KiB). */
const MAX_RECORD_CHARACTERS = 8192;
/** mm/oom_kill.c, dump_oom_victim. The name is a stranger's text of up to 15 bytes, commas included: the ends are the kernel's. */
const VICTIM =
  /^oom-kill:constraint=CONSTRAINT_MEMCG,[^\n]*?,task_memcg=(\/[^,\n]*),task=([^\n]*),pid=(\d{1,10}),uid=(\d{1,10})$/;
/** mm/oom_kill.c, __oom_kill_process. */
const KILLED =
  /^Memory cgroup out of memory: Killed process (\d{1,10}) \(([^\n]*)\) total-vm:\d+kB, anon-rss:(\d{1,15})kB, file-rss:(\d{1,15})kB, shmem-rss:(\d{1,15})kB, UID:(\d{1,10}) /;
const KIB = 1024;

/**
 * Reads one record of /dev/kmsg (Documentation/ABI/testing/dev-kmsg): `<priority>,<sequence>,<time>,<flags>;<text>` and lines
 * of properties. Null for everything that is not of a kill within a control group. What a process writes into /dev/kmsg has
 * a facility other than the kernel's 0 and is left out.
 */
export function parseOomRecord(record: string): OomKill | null {
  if (record.length > MAX_RECORD_CHARACTERS) return null;
  const semicolon = record.indexOf(";");
  const priority = Number(/^(\d{1,5}),/.exec(record)?.[1] ?? Number.NaN);
  // The priority is facility * 8 + level (syslog(2)); levels are below 8.
  if (semicolon < 0 || !(priority < 8)) return null;
  const text = record.slice(semicolon + 1).split("\n", 1)[0] ?? "";
  return victim(text) ?? killed(text);
}

function victim(text: string): OomKill | null {
  const [, cgroup, name, pid, uid] = VICTIM.exec(text) ?? [];
  if (cgroup === undefined || name === undefined) return null;
  return { pid: Number(pid), name: unescapeRecord(name), uid: Number(uid), memoryBytes: null, cgroup };
}

function killed(text: string): OomKill | null {
  const [, pid, name, anonymous, file, shared, uid] = KILLED.exec(text) ?? [];
  if (name === undefined) return null;
  const memoryBytes = (Number(anonymous) + Number(file) + Number(shared)) * KIB;
  return { pid: Number(pid), name: unescapeRecord(name), uid: Number(uid), memoryBytes, cgroup: null };
}

/** The log writes bytes that are not printable ASCII, and backslashes, as `\xNN`; a name is UTF-8 cut anywhere. */
function unescapeRecord(text: string): string {
  const latin1 = text.replace(/\\x([0-9a-f]{2})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
  return Buffer.from(latin1, "latin1").toString("utf8");
}
