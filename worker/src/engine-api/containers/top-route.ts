import { z } from "zod";
import type { Cgroups } from "../../cgroup/cgroup.ts";
import { runProgram } from "../../process/program.ts";
import { readProc } from "../../session/inside/process-status.ts";
import type { SessionHost } from "../../session/session-host.ts";
import { EngineError } from "../engine-error.ts";
import { json, type Route, route } from "../route.ts";

/** Options that `ps` is given by a stranger: words without a way out of them. */
const PS_ARGUMENTS = /^[a-zA-Z0-9 ,_-]{0,128}$/;
const PID_TITLES = new Set([
  "PID",
  "PPID",
  "PGID",
  "PGRP",
  "SID",
  "SESS",
  "TGID",
  "TPGID",
  "SPID",
  "LWP",
  "TID",
]);
const USER_TITLES = new Set(["USER", "UID", "EUSER", "EUID", "RUSER", "RUID"]);
const GROUP_TITLES = new Set(["GROUP", "GID", "EGROUP", "EGID", "RGROUP", "RGID"]);

/** A process as it is inside of its container. */
interface Inside {
  readonly pid: string;
  readonly uid: number;
  readonly gid: number;
}

/**
 * `docker top`: numbers of processes and users are those that the container has for them. The machine below has others, which nobody
 * in the session can do anything with; the session's main container is beside this one and sees none of them.
 */
export function topRoute(cgroups: Pick<Cgroups, "pids">): Route {
  return route({
    method: "GET",
    path: "/containers/{id}/top",
    query: z.object({ ps_args: z.string().optional() }),
    async handle({ session, params, query }) {
      const container = session.containers.find(params.id ?? "");
      const group = container.running?.container.cgroup ?? null;
      if (group === null) throw new EngineError(409, `Container ${container.id} is not running`);
      return json(await processes(session, query.ps_args || "-ef", await cgroups.pids(group)));
    },
  });
}

/** The lines of `ps` on this machine that are about processes of the container. */
async function processes(session: SessionHost, options: string, pids: readonly number[]): Promise<object> {
  if (!PS_ARGUMENTS.test(options))
    throw new EngineError(400, "ps arguments may hold letters, digits, commas and dashes");
  const words = options.split(" ").filter((word) => word !== "");
  const said = await runProgram(["ps", ...words, "-q", pids.join(",") || "0"]).catch((error: Error) => {
    throw new EngineError(400, `error running ps: ${error.message.slice(0, 256)}`);
  });
  const inside = await insideOf(session, pids);
  const [head = "", ...lines] = said.stdout.trimEnd().split("\n");
  const titles = head.trim().split(/\s+/);
  const place = titles.indexOf("PID");
  if (place < 0) throw new EngineError(400, "Couldn't find PID field in ps output");
  const named = !/\b[er]?[ug]id\b/.test(options);
  const rows = lines.flatMap((line) => {
    const all = line.trim().split(/\s+/);
    const row = [...all.slice(0, titles.length - 1), all.slice(titles.length - 1).join(" ")];
    const process = inside.get(row[place] ?? "");
    if (process === undefined) return [];
    return [row.map((value, index) => shown(titles[index] ?? "", value, process, inside, named))];
  });
  return { Titles: titles, Processes: rows };
}

function shown(
  title: string,
  value: string,
  { uid, gid }: Inside,
  all: ReadonlyMap<string, Inside>,
  named: boolean,
): string {
  const id = (number: number) => (named && number === 0 ? "root" : String(number));
  // Who is outside of the container is 0 inside of it.
  if (PID_TITLES.has(title)) return all.get(value)?.pid ?? "0";
  if (USER_TITLES.has(title)) return id(uid);
  if (GROUP_TITLES.has(title)) return id(gid);
  return value;
}

/** By their numbers on this machine; what has ended meanwhile is left out. */
async function insideOf({ ids }: SessionHost, pids: readonly number[]): Promise<Map<string, Inside>> {
  const found = await Promise.all(
    pids.map(async (pid): Promise<[string, Inside][]> => {
      const status = (await readProc(pid, "status"))?.toString("latin1") ?? "";
      const own = /^NSpid:.*\s(\d+)$/m.exec(status)?.[1];
      const [, uid] = /^Uid:\s+\d+\s+(\d+)/m.exec(status) ?? [];
      const [, gid] = /^Gid:\s+\d+\s+(\d+)/m.exec(status) ?? [];
      if (own === undefined || uid === undefined || gid === undefined) return [];
      const mapped = (id: string) => Math.max(0, Number(id) - ids.firstHostId);
      return [[String(pid), { pid: own, uid: mapped(uid), gid: mapped(gid) }]];
    }),
  );
  return new Map(found.flat());
}
