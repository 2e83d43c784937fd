import { readFile } from "node:fs/promises";
import path from "node:path";
import { SlipwayError } from "@slipway/protocol";

/** Controllers without which there are no limits. */
const NEEDED = ["memory", "cpu", "pids"] as const;

export type CgroupLayout = LayoutV1 | LayoutV2;

export interface LayoutV1 {
  readonly version: 1;
  /** Mount point by controller; several controllers can share one. Named hierarchies have names like "name=systemd". */
  readonly mounts: ReadonlyMap<string, string>;
  /** The v2 tree of a hybrid layout. */
  readonly unified: { readonly mount: string; readonly hasControllers: boolean } | null;
}

export interface LayoutV2 {
  readonly version: 2;
  readonly mount: string;
}

interface Mount {
  readonly point: string;
  readonly type: string;
  readonly writable: boolean;
  readonly superOptions: readonly string[];
}

/** Lines of /proc/self/mountinfo (proc_pid_mountinfo(5)) that are cgroup hierarchies. */
export function parseMounts(mountinfo: string): Mount[] {
  const mounts: Mount[] = [];
  for (const line of mountinfo.split("\n")) {
    const [before, after] = line.split(" - ");
    if (before === undefined || after === undefined) continue;
    const [, , , , point, options] = before.split(" ");
    const [type, , superOptions] = after.split(" ");
    if (point === undefined || (type !== "cgroup" && type !== "cgroup2")) continue;
    const writable = options?.split(",").includes("rw") ?? false;
    mounts.push({ point: unescape(point), type, writable, superOptions: superOptions?.split(",") ?? [] });
  }
  return mounts;
}

/** mountinfo writes space, tab, newline and backslash as octal escapes. */
function unescape(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
}

/** Looks at the machine. Rejects with `cgroups-missing` where limits can't be set. */
export async function detectLayout(): Promise<CgroupLayout> {
  const mounts = parseMounts(await readFile("/proc/self/mountinfo", "utf8")).filter(
    (mount) => mount.writable,
  );
  const unifiedMount = mounts.find((mount) => mount.type === "cgroup2")?.point;
  const controllers =
    unifiedMount === undefined
      ? []
      : (await readFile(path.join(unifiedMount, "cgroup.controllers"), "utf8"))
          .trim()
          .split(" ")
          .filter(Boolean);
  if (unifiedMount !== undefined && NEEDED.every((name) => controllers.includes(name))) {
    return { version: 2, mount: unifiedMount };
  }
  const v1 = new Map<string, string>();
  for (const mount of mounts) {
    if (mount.type !== "cgroup") continue;
    for (const option of mount.superOptions) {
      if (option !== "rw" && !v1.has(option)) v1.set(option, mount.point);
    }
  }
  const missing = NEEDED.filter((name) => !v1.has(name));
  if (missing.length > 0) throw cgroupsMissing(missing);
  const unified =
    unifiedMount === undefined ? null : { mount: unifiedMount, hasControllers: controllers.length > 0 };
  return { version: 1, mounts: v1, unified };
}

function cgroupsMissing(missing: readonly string[]): SlipwayError {
  return new SlipwayError(
    "cgroups-missing",
    `This machine offers no writable control groups for ${missing.join(", ")}. In a container, run it privileged.`,
    { params: { controllers: missing.join(", ") } },
  );
}
