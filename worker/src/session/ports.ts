import { MAX_REPORTED_PORTS, type SessionPort } from "@slipway/protocol";
import type { ListeningPort } from "../network/listening-ports.ts";

/** Listening and exposed ports as one list, by number, cut to the bound of a report. */
export function merge(exposed: readonly number[], listening: readonly ListeningPort[]): SessionPort[] {
  const ports = new Map<number, SessionPort>();
  for (const port of exposed) ports.set(port, { port, exposed: true, listening: false, loopbackOnly: false });
  for (const { port, loopbackOnly } of listening) {
    ports.set(port, { port, exposed: ports.has(port), listening: true, loopbackOnly });
  }
  return [...ports.values()].sort((a, b) => a.port - b.port).slice(0, MAX_REPORTED_PORTS);
}

/** TCP ports of an image config's ExposedPorts (`8080/tcp`). */
export function exposedTcpPorts(exposed: Readonly<Record<string, unknown>> | undefined): number[] {
  return Object.keys(exposed ?? {}).flatMap((entry) => {
    const match = /^([1-9][0-9]{0,4})(\/tcp)?$/.exec(entry);
    const port = Number(match?.[1] ?? 0);
    return port > 0 && port <= 65_535 ? [port] : [];
  });
}
