import { readFile } from "node:fs/promises";
import { cpus } from "node:os";
import { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import type { Cgroups } from "../../cgroup/cgroup.ts";
import type { SessionContainer } from "../../session/containers/session-container.ts";
import type { SessionHost } from "../../session/session-host.ts";
import { flag, flagUnlessFalse } from "../query-values.ts";
import { json, type Route, route } from "../route.ts";

/** Between two lines of a stream, and the two looks of a single answer. */
const INTERVAL_MS = 1_000;
/** Of a line of /proc/stat, ns. */
const TICK_NS = 10_000_000;

interface Sample {
  readonly read: string;
  readonly cpuNs: number;
  readonly systemNs: number;
  readonly memoryBytes: number;
  readonly pids: number;
  readonly networks: Record<string, object>;
}

const NOTHING: Sample = {
  read: "0001-01-01T00:00:00Z",
  cpuNs: 0,
  systemNs: 0,
  memoryBytes: 0,
  pids: 0,
  networks: {},
};

/** What containers use. */
export function statsRoutes(cgroups: Pick<Cgroups, "usage">): Route[] {
  return [
    route({
      method: "GET",
      path: "/containers/{id}/stats",
      query: z.object({ stream: flagUnlessFalse, "one-shot": flag }),
      async handle({ session, params, query, gone }) {
        const container = session.containers.find(params.id ?? "");
        const look = () => sample(cgroups, container);
        if (query.stream) {
          const body = Readable.from(lines(session, container, look, gone), { objectMode: false });
          return { kind: "stream", status: 200, type: "application/json", body };
        }
        const first = query["one-shot"] ? NOTHING : await look();
        if (!query["one-shot"]) await sleep(INTERVAL_MS, undefined, { signal: gone }).catch(() => {});
        return json(statsJson(session, container, first, await look()));
      },
    }),
  ];
}

async function* lines(
  session: SessionHost,
  container: SessionContainer,
  look: () => Promise<Sample>,
  gone: AbortSignal,
): AsyncGenerator<string> {
  let before = NOTHING;
  while (!gone.aborted && !container.isRemoved) {
    const now = await look();
    yield `${JSON.stringify(statsJson(session, container, before, now))}\n`;
    before = now;
    await sleep(INTERVAL_MS, undefined, { signal: gone }).catch(() => {});
  }
}

async function sample(cgroups: Pick<Cgroups, "usage">, { running }: SessionContainer): Promise<Sample> {
  const group = running?.container.cgroup ?? null;
  if (running === null || group === null) return NOTHING;
  const [usage, stat, dev] = await Promise.all([
    cgroups.usage(group),
    readFile("/proc/stat", "utf8"),
    readFile(`/proc/${running.process.pid}/net/dev`, "utf8").catch(() => ""),
  ]);
  const ticks = /^cpu +(.*)$/m.exec(stat)?.[1]?.split(" ").slice(0, 8).map(Number) ?? [];
  return {
    read: new Date().toISOString().replace(/Z$/, "000000Z"),
    cpuNs: usage.cpuMicroseconds * 1_000,
    systemNs: ticks.reduce((sum, value) => sum + value, 0) * TICK_NS,
    memoryBytes: usage.memoryBytes,
    pids: usage.pids,
    networks: networksOf(dev),
  };
}

/** /proc/<pid>/net/dev (proc(5)). */
function networksOf(text: string): Record<string, object> {
  const found: Record<string, object> = {};
  for (const line of text.split("\n")) {
    const [, name, rest] = /^\s*(eth[0-9]+):\s*(.*)$/.exec(line) ?? [];
    if (name === undefined || rest === undefined) continue;
    const numbers = rest.trim().split(/\s+/).map(Number);
    const [rx_bytes = 0, rx_packets = 0, rx_errors = 0, rx_dropped = 0] = numbers;
    const [tx_bytes = 0, tx_packets = 0, tx_errors = 0, tx_dropped = 0] = numbers.slice(8);
    found[name] = {
      rx_bytes,
      rx_packets,
      rx_errors,
      rx_dropped,
      tx_bytes,
      tx_packets,
      tx_errors,
      tx_dropped,
    };
  }
  return found;
}

function statsJson(
  { request }: SessionHost,
  { id, name, record }: SessionContainer,
  before: Sample,
  now: Sample,
): object {
  const cpu = ({ cpuNs, systemNs }: Sample) => ({
    cpu_usage: { total_usage: cpuNs, usage_in_kernelmode: 0, usage_in_usermode: cpuNs },
    ...(systemNs === 0 ? {} : { system_cpu_usage: systemNs, online_cpus: cpus().length }),
    throttling_data: { periods: 0, throttled_periods: 0, throttled_time: 0 },
  });
  const limit = Math.min(
    record.order.limits.memoryBytes ?? Number.POSITIVE_INFINITY,
    request.limits.memoryBytes,
  );
  return {
    id,
    name: `/${name}`,
    read: now.read,
    preread: before.read,
    pids_stats: now.pids === 0 ? {} : { current: now.pids },
    blkio_stats: { io_service_bytes_recursive: [], io_serviced_recursive: [] },
    num_procs: 0,
    storage_stats: {},
    cpu_stats: cpu(now),
    precpu_stats: cpu(before),
    memory_stats: now.memoryBytes === 0 ? {} : { usage: now.memoryBytes, stats: {}, limit },
    ...(Object.keys(now.networks).length === 0 ? {} : { networks: now.networks }),
  };
}
