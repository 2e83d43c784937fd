import { readFile } from "node:fs/promises";
import { COMMAND_CHARACTERS } from "@slipway/protocol";

/** What /proc/<pid>/status says of a process (proc_pid_status(5)). */
export interface ProcessStatus {
  readonly name: string;
  readonly state: string;
  readonly parentPid: number;
  /** Real user id, as the worker sees it. */
  readonly uid: number;
  /** Its numbers, from the worker's pid namespace to the one that it is in. */
  readonly pids: readonly number[];
  readonly memoryBytes: number;
  readonly boundingSet: bigint;
  readonly noNewPrivileges: boolean;
  readonly seccomp: boolean;
}

/** Characters of a name, as the protocol has it. */
const NAME_CHARACTERS = 64;
/** What is read of a command line, bytes: a process may make its own as long as it likes. */
const COMMAND_BYTES = 4 * COMMAND_CHARACTERS;

/** Null when the text is not that of a process that lives, such as when it is gone half-way. */
export function parseStatus(text: string): ProcessStatus | null {
  const fields = new Map(
    text.split("\n").map((line) => {
      const [name = "", value = ""] = line.split(":", 2);
      return [name, value.trim()] as const;
    }),
  );
  const number = (name: string) => Number(fields.get(name)?.split(/\s+/, 1)[0] ?? Number.NaN);
  const pids = (fields.get("NSpid") ?? "").split(/\s+/).map(Number);
  const status = {
    name: shownText(unescapedName(text), NAME_CHARACTERS),
    state: fields.get("State")?.[0] ?? "",
    parentPid: number("PPid"),
    uid: number("Uid"),
    pids,
    // Kernel threads and zombies have none.
    memoryBytes: (number("VmRSS") || 0) * 1024,
    boundingSet: BigInt(`0x${/^[0-9a-f]{1,16}$/.exec(fields.get("CapBnd") ?? "")?.[0] ?? "0"}`),
    noNewPrivileges: number("NoNewPrivs") === 1,
    seccomp: number("Seccomp") > 0,
  };
  const numbers = [status.parentPid, status.uid, ...pids];
  return numbers.every(Number.isSafeInteger) && pids.every((pid) => pid > 0) ? status : null;
}

/** A name may hold anything but a line end, which the kernel escapes there. */
const unescapedName = (text: string): string => /^Name:\t(.*)$/m.exec(text)?.[1] ?? "";

/** A stranger's text as it is told: without what would act on a screen, and not too long. */
export const shownText = (text: string, characters: number): string =>
  [...text.replaceAll(/\p{C}/gu, "\ufffd")].join("").slice(0, characters);

/** A command line as people write it, from the bytes of /proc/<pid>/cmdline; empty for who has none. */
export const shownCommand = (bytes: Uint8Array): string =>
  shownText(
    new TextDecoder().decode(bytes.subarray(0, COMMAND_BYTES)).replace(/\0+$/, "").replaceAll("\0", " "),
    COMMAND_CHARACTERS,
  );

/** Text of a file of a process; null when it is gone. */
export async function readProc(pid: number | "self", file: string): Promise<Buffer | null> {
  return await readFile(`/proc/${pid}/${file}`).catch(() => null);
}
