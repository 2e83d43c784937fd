import { SlipwayError } from "@slipway/protocol";
import { listeningPorts } from "../../network/listening-ports.ts";
import type { PortForward } from "../../network/network.ts";
import type { SessionParts } from "../parts.ts";
import type { HostGround } from "../session-host.ts";
import type { PortBinding } from "./container-order.ts";
import type { PublishedPort } from "./container-state.ts";
import type { SessionContainer } from "./session-container.ts";

/** Where ports of the session's host are chosen from that nobody named, as Docker does. */
const FIRST_FREE_PORT = 32_768;
const LAST_FREE_PORT = 60_999;

const key = ({ protocol, hostPort }: Pick<PublishedPort, "protocol" | "hostPort">): string =>
  `${protocol} ${hostPort}`;

/**
 * Publishes what `container` asks for beside what `others` have, or (null) only that. All of it is one change.
 * @throws container-conflict where a port is taken
 */
export async function publishedPorts(
  parts: SessionParts,
  host: HostGround,
  container: SessionContainer | null,
  all: readonly SessionContainer[],
): Promise<PublishedPort[]> {
  const others = all.filter((other) => other !== container && other.running !== null);
  const standing = others.flatMap(forwardsOf);
  const bindings = container?.record.order.ports ?? [];
  if (container !== null && bindings.length === 0) return [];
  const address = container?.placement?.address ?? null;
  const held = container !== null && "ports" in container.state ? container.state.ports : [];
  const ports = address === null ? [] : await choose(host, bindings, standing, held);
  const forwards = ports.map((port) => ({ ...port, address: address ?? "" }));
  await parts.network.forward(host.place.name, [...standing, ...forwards]);
  return ports;
}

function forwardsOf({ state }: SessionContainer): PortForward[] {
  if (state.status !== "running" && state.status !== "paused") return [];
  const { address, ports } = state;
  return address === null ? [] : ports.map((port) => ({ ...port, address }));
}

async function choose(
  host: HostGround,
  bindings: readonly PortBinding[],
  standing: readonly PortForward[],
  held: readonly PublishedPort[],
): Promise<PublishedPort[]> {
  const taken = new Set(standing.map(key));
  const pid = await host.main.pid();
  // A program of the session itself may listen there.
  const listening = pid === null ? [] : await listeningPorts(pid).catch(() => []);
  for (const { port } of listening) taken.add(key({ protocol: "tcp", hostPort: port }));
  return bindings.map(({ port, protocol, hostPort, hostAddress }) => {
    const before = held.find((one) => one.port === port && one.protocol === protocol && !taken.has(key(one)));
    const chosen = hostPort ?? before?.hostPort ?? freePort(protocol, taken);
    if (taken.has(key({ protocol, hostPort: chosen }))) {
      throw new SlipwayError(
        "container-conflict",
        `driver failed programming external connectivity: Bind for ${hostAddress}:${chosen} failed: port is already allocated`,
      );
    }
    taken.add(key({ protocol, hostPort: chosen }));
    return { port, protocol, hostPort: chosen, hostAddress };
  });
}

function freePort(protocol: PublishedPort["protocol"], taken: ReadonlySet<string>): number {
  for (let port = FIRST_FREE_PORT; port <= LAST_FREE_PORT; port++) {
    if (!taken.has(key({ protocol, hostPort: port }))) return port;
  }
  throw new SlipwayError("container-conflict", "all ports are allocated");
}
