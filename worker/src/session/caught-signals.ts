import { readFile } from "node:fs/promises";
import { constants } from "node:os";

/**
 * True when a process has a handler for a signal (`SIGTERM`), by the SigCgt mask of /proc/<pid>/status (proc(5)). The first
 * process of a pid namespace ignores every signal but SIGKILL that it has no handler for (pid_namespaces(7)), so there is
 * nothing to wait for where there is none.
 */
export async function catches(pid: number, signal: string): Promise<boolean> {
  const number = signalNumber(signal);
  if (number === null) return false;
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
  const mask = /^SigCgt:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? "0";
  return ((BigInt(`0x${mask}`) >> BigInt(number - 1)) & 1n) === 1n;
}

/** Signals of an image config are names or numbers (config.md of the OCI image spec, StopSignal). */
function signalNumber(signal: string): number | null {
  if (/^[0-9]{1,2}$/.test(signal)) return Number(signal) || null;
  const name = signal.startsWith("SIG") ? signal : `SIG${signal}`;
  return Object.entries(constants.signals).find(([known]) => known === name)?.[1] ?? null;
}
