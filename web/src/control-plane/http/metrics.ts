import type { IncomingMessage } from "node:http";
import { collectDefaultMetrics, Gauge, Registry } from "prom-client";
import type { ConnectedWorkers } from "../agents/connected-workers.ts";
import { bearerToken, isSameSecret } from "../agents/secrets.ts";
import type { Database } from "../db/database.ts";

/** Figures of this process and of the work in the database, for Prometheus. */
export function createMetrics(database: Database, workers: ConnectedWorkers): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  new Gauge({
    name: "slipway_workers_connected",
    help: "Workers that are connected to this control plane.",
    registers: [registry],
    collect() {
      this.set(workers.list().length);
    },
  });
  new Gauge({
    name: "slipway_sessions",
    help: "Sessions that have not ended, by state.",
    labelNames: ["state"],
    registers: [registry],
    async collect() {
      this.reset();
      const where = { state: { not: "ended" } } as const;
      const rows = await database.session.groupBy({ by: ["state"], where, _count: true });
      for (const row of rows) this.set({ state: row.state }, row._count);
    },
  });
  new Gauge({
    name: "slipway_builds",
    help: "Builds that wait or are under way, by state.",
    labelNames: ["state"],
    registers: [registry],
    async collect() {
      this.reset();
      const where = { state: { in: ["queued" as const, "building" as const] } };
      const rows = await database.build.groupBy({ by: ["state"], where, _count: true });
      for (const row of rows) this.set({ state: row.state }, row._count);
    },
  });
  return registry;
}

const LOOPBACK = new Set(["127.0.0.1", "::1", "::ffff:127.0.0.1"]);

/** Whether a request may read the figures: from this machine and not through a proxy, or with the token. */
export function mayReadMetrics(request: IncomingMessage, token: string | undefined): boolean {
  const given = bearerToken(request.headers.authorization);
  if (token !== undefined) return given !== null && isSameSecret(given, token);
  const isProxied =
    request.headers["x-forwarded-for"] !== undefined || request.headers.forwarded !== undefined;
  return !isProxied && LOOPBACK.has(request.socket.remoteAddress ?? "");
}
