import { SlipwayError } from "@slipway/protocol";
import { DEFAULT_NETWORK } from "./container-order.ts";
import type { Ways } from "./container-place.ts";
import type { ContainerRecord } from "./container-records.ts";

/* Links between containers on the default bridge (`docker run --link`): a name in /etc/hosts, and variables. */

/** A container that another one links to. */
export interface Linked {
  readonly alias: string;
  readonly name: string;
  readonly hostname: string;
  readonly address: string;
  readonly env: readonly string[];
  /** `6379/tcp` … that it exposes. */
  readonly ports: readonly string[];
}

/** Variables that are every container's own. */
const NOT_TOLD = ["HOME", "PATH", "HOSTNAME", "TERM"];

const isOnDefault = ({ order }: ContainerRecord): boolean =>
  order.network.kind === "bridge" && Object.hasOwn(order.networks, DEFAULT_NETWORK);

/** Throws Docker's sentence where a container can't start yet. @throws container-conflict */
export function checkLinks(ways: Ways, record: ContainerRecord): void {
  if (!isOnDefault(record)) return;
  for (const { container, alias } of record.order.links) {
    const other = ways.recordOf(container);
    if (other === null) continue;
    const { status } = other.state;
    if (status !== "running" && status !== "paused") {
      throw new SlipwayError(
        "container-conflict",
        `Cannot link to a non running container: /${other.name} AS /${record.name}/${alias}`,
      );
    }
    if (addressOf(other) === null) {
      throw new SlipwayError(
        "container-conflict",
        `Cannot link to /${other.name}, as it does not belong to the default network`,
      );
    }
  }
}

/** Those of its links that run. */
export function linkedTo(ways: Ways, record: ContainerRecord): Linked[] {
  if (!isOnDefault(record)) return [];
  return record.order.links.flatMap(({ container, alias }) => {
    const other = ways.recordOf(container);
    const address = other === null ? null : addressOf(other);
    if (other === null || address === null) return [];
    const { name, order } = other;
    const ports = [...order.exposedPorts, ...order.ports.map(({ port, protocol }) => `${port}/${protocol}`)];
    return [{ alias, name, hostname: order.hostname, address, env: order.env, ports: [...new Set(ports)] }];
  });
}

const addressOf = ({ state }: ContainerRecord): string | null =>
  "ends" in state ? (state.ends[DEFAULT_NETWORK] ?? null) : null;

/** Lines of /etc/hosts. */
export const linkedHosts = (linked: readonly Linked[]): string[] =>
  linked.map(({ alias, name, hostname, address }) =>
    [`${address}\t${alias}`, ...new Set([hostname, name].filter((each) => each !== alias))].join(" "),
  );

/** `DB_PORT=tcp://…` and what else Docker tells a container of those that it links to. */
export function linkedEnv(to: string, linked: readonly Linked[]): string[] {
  return linked.flatMap(({ alias, address, env, ports }) => {
    const prefix = alias.toUpperCase().replaceAll("-", "_");
    const exposed = ports
      .map((port) => port.split("/"))
      .map(([port = "", protocol = "tcp"]) => ({ port, protocol }))
      .sort(
        (a, b) =>
          Number(b.protocol === "tcp") - Number(a.protocol === "tcp") || Number(a.port) - Number(b.port),
      );
    const [first] = exposed;
    return [
      ...(first === undefined ? [] : [`${prefix}_PORT=${first.protocol}://${address}:${first.port}`]),
      ...exposed.flatMap(({ port, protocol }) => {
        const name = `${prefix}_PORT_${port}_${protocol.toUpperCase()}`;
        return [
          `${name}=${protocol}://${address}:${port}`,
          `${name}_ADDR=${address}`,
          `${name}_PORT=${port}`,
          `${name}_PROTO=${protocol}`,
        ];
      }),
      `${prefix}_NAME=/${to}/${alias}`,
      ...env.filter((entry) => !NOT_TOLD.includes(nameOf(entry))).map((entry) => `${prefix}_ENV_${entry}`),
    ];
  });
}

const nameOf = (entry: string): string => entry.split("=", 1)[0] ?? "";

/** What was asked for wins over what links tell. */
export function withLinkedEnv(env: readonly string[], linked: readonly string[]): string[] {
  const asked = new Set(env.map(nameOf));
  return [...linked.filter((entry) => !asked.has(nameOf(entry))), ...env];
}
