import { MAX_REPORTED_PORTS, type SessionPort } from "@slipway/protocol";
import { type ListeningPort, listeningPorts } from "../network/listening-ports.ts";
import type { Container } from "../runtime/runtime.ts";

/** Time between two looks at the listening sockets of a session. */
const LOOK_INTERVAL_MS = 500;

/**
 * Looks at what listens inside a container and tells when it changes, starting with the exposed ports. Returns how to
 * stop.
 */
export function observePorts(
  container: Container,
  exposed: readonly number[],
  changed: (ports: SessionPort[]) => void,
): () => void {
  let told = "";
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  const look = async () => {
    const pid = await container.pid();
    const listening = pid === null ? [] : await listeningPorts(pid);
    const ports = merge(exposed, listening);
    const text = JSON.stringify(ports);
    if (!stopped && text !== told) {
      told = text;
      changed(ports);
    }
  };
  const loop = async () => {
    // A look may meet the end of the process it looks at; the next one, if any, sees clearly.
    await look().catch(() => {});
    if (!stopped) timer = setTimeout(loop, LOOK_INTERVAL_MS);
  };
  void loop();
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}

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
