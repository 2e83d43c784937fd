import { DEFAULT_NETWORK } from "../../session/containers/container-order.ts";
import type { SessionContainer } from "../../session/containers/session-container.ts";
import type { SessionHost } from "../../session/session-host.ts";
import { EngineError } from "../engine-error.ts";
import type { Filters } from "../query-values.ts";
import { builtinNetworkId } from "./endpoint-json.ts";

type Test = (container: SessionContainer, value: string, all: readonly SessionContainer[]) => boolean;

const contains = (text: string, value: string): boolean => {
  try {
    return new RegExp(value).test(text);
  } catch {
    return text.includes(value);
  }
};
/** An expression of a stranger: short ones can't take long on short texts. */
const MOST_EXPRESSION = 128;

const labelled: Test = ({ record }, value) => {
  const [name = "", ...rest] = value.split("=");
  const label = Object.hasOwn(record.order.labels, name) ? record.order.labels[name] : undefined;
  return label !== undefined && (rest.length === 0 || label === rest.join("="));
};

const statusOf = ({ state }: SessionContainer): string => {
  if (state.status === "starting") return "created";
  return state.status === "exited" && state.error !== "" ? "created" : state.status;
};

const named = (all: readonly SessionContainer[], reference: string): SessionContainer => {
  const wanted = reference.replace(/^\//, "");
  const found = all.find(({ id, name }) => name === wanted || id.startsWith(wanted));
  if (found) return found;
  throw new EngineError(404, `No such container: ${reference.slice(0, 128)}`);
};

const TESTS: Readonly<Record<string, Test>> = {
  id: ({ id }, value) => id.startsWith(value),
  name: ({ name }, value) =>
    value.length <= MOST_EXPRESSION && (contains(name, value) || contains(`/${name}`, value)),
  label: labelled,
  "label!": (container, value, all) => !labelled(container, value, all),
  status: (container, value) => statusOf(container) === value,
  exited: ({ state }, value) => state.status === "exited" && state.exitCode === Number(value),
  health: ({ health }, value) => (health?.status ?? "none") === value,
  ancestor: ({ record }, value) => {
    const { reference, imageId } = record.order.image;
    const plain = value.replace(/^sha256:/, "");
    return (
      reference === value ||
      reference === `${value}:latest` ||
      `${reference}:latest` === value ||
      (/^[0-9a-f]{4,64}$/.test(plain) && imageId.startsWith(`sha256:${plain}`))
    );
  },
  before: (container, value, all) => container.record.createdAt < named(all, value).record.createdAt,
  since: (container, value, all) => container.record.createdAt > named(all, value).record.createdAt,
  volume: ({ record }, value) =>
    record.order.mounts.some(({ source, target }) => source === value || target === value),
  network: ({ record }, value) => {
    const { network, networks } = record.order;
    if (Object.hasOwn(networks, value)) return true;
    return network.kind === "bridge"
      ? value === "bridge" && Object.keys(networks).length === 0
      : network.kind === value;
  },
  publish: ({ record }, value) =>
    record.order.ports.some(({ hostPort }) => String(hostPort) === value.split("/")[0]),
  expose: ({ record }, value) =>
    record.order.exposedPorts.some((port) => port.split("/")[0] === value.split("/")[0]),
  "is-task": (_container, value) => value === "false",
  isolation: () => true,
};

/** What the values of some names may be. */
const VALUES: Readonly<Record<string, RegExp>> = {
  status: /^(?:created|restarting|running|removing|paused|exited|dead)$/,
  health: /^(?:starting|healthy|unhealthy|none)$/,
  exited: /^-?[0-9]{1,10}$/,
  "is-task": /^(?:true|false|1|0)$/,
};

/** Names whose values have to fit all of them. */
const ALL_OF = new Set(["label", "label!"]);

/** Also where there is no container to try them on. Throws 400, and 404 for a container that is none. */
function checkValues(all: readonly SessionContainer[], filters: Filters): void {
  for (const [name, values] of filters) {
    const odd = values.find((value) => VALUES[name]?.test(value) === false);
    if (odd !== undefined) throw new EngineError(400, `invalid filter '${name}=${odd.slice(0, 64)}'`);
    if (name === "before" || name === "since") for (const value of values) named(all, value);
  }
}

/** Networks by their names where an id, or its beginning, says which. */
export function withNetworkNames(filters: Filters, session: SessionHost): Filters {
  const wanted = filters.get("network");
  if (wanted === undefined) return filters;
  const builtIn = [DEFAULT_NETWORK, "host", "none"];
  const nameOf = (reference: string): string =>
    session.containers.networks.find(reference)?.name ??
    builtIn.find((name) => reference !== "" && builtinNetworkId(session, name).startsWith(reference)) ??
    reference;
  return new Map([...filters, ["network", wanted.map(nameOf)]]);
}

/** Labels have to fit all of them, the others one of their values. Throws 400 for a filter that is none. */
export function filterContainers(all: readonly SessionContainer[], filters: Filters): SessionContainer[] {
  const odd = [...filters.keys()].find((name) => !Object.hasOwn(TESTS, name));
  if (odd !== undefined) throw new EngineError(400, `invalid filter '${odd.slice(0, 64)}'`);
  checkValues(all, filters);
  return all.filter((container) =>
    [...filters].every(([name, values]) => {
      const test = TESTS[name] ?? (() => false);
      const fits = (value: string) => test(container, value, all);
      return values.length === 0 || (ALL_OF.has(name) ? values.every(fits) : values.some(fits));
    }),
  );
}
