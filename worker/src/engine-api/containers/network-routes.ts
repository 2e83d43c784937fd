import { z } from "zod";
import { BRIDGE_PREFIX } from "../../network/address-pool.ts";
import { CONTAINER_NAME } from "../../session/containers/container-ids.ts";
import type { UserNetwork } from "../../session/containers/session-networks.ts";
import type { SessionHost } from "../../session/session-host.ts";
import { EngineError } from "../engine-error.ts";
import { FilterSet } from "../filter-set.ts";
import { filters } from "../query-values.ts";
import { json, noContent, type Route, route } from "../route.ts";
import { builtinNetworkId, gatewayOf, networksJson } from "./endpoint-json.ts";

const BUILT_IN = { bridge: "bridge", host: "host", none: "null" } as const;
const FILTERS = ["dangling", "driver", "id", "label", "label!", "name", "scope", "type"];

interface Shown extends Omit<UserNetwork, "createdAt"> {
  readonly driver: string;
  readonly createdAt: number;
  readonly builtIn: boolean;
}

function all(session: SessionHost): Shown[] {
  const plain = { createdAt: 0, internal: false, attachable: false, labels: {}, options: {} };
  const builtIn = Object.entries(BUILT_IN).map(([name, driver]) => ({
    ...plain,
    name,
    driver,
    id: builtinNetworkId(session, name),
    builtIn: true,
  }));
  const own = session.containers.networks.list();
  return [...builtIn, ...own.map((network) => ({ ...network, driver: "bridge", builtIn: false }))];
}

function find(session: SessionHost, reference: string): Shown {
  const networks = all(session);
  const exact = networks.find(({ id, name }) => id === reference || name === reference);
  const found = exact ?? networks.find(({ id }) => reference.length > 2 && id.startsWith(reference));
  if (found) return found;
  throw new EngineError(404, `network ${reference.slice(0, 256)} not found`);
}

function networkJson(session: SessionHost, network: Shown): object {
  const base = session.network.address.split(".").map(Number);
  const last = ((base[3] ?? 0) & ~63) + 32;
  const subnet = [...base.slice(0, 3), last].join(".");
  const isBridge = network.driver === "bridge";
  const range = { Subnet: `${subnet}/${BRIDGE_PREFIX}`, Gateway: gatewayOf(subnet) };
  const members = session.containers.list().flatMap((container) => {
    if (container.running === null) return [];
    const endpoint = networksJson(container, session)[network.name] as Record<string, string> | undefined;
    if (endpoint === undefined) return [];
    const address = endpoint.IPAddress === "" ? "" : `${endpoint.IPAddress}/${BRIDGE_PREFIX}`;
    const shown = { EndpointID: endpoint.EndpointID, MacAddress: "", IPv4Address: address, IPv6Address: "" };
    return [[container.id, { Name: container.name, ...shown }] as const];
  });
  return {
    Name: network.name,
    Id: network.id,
    Created: new Date(network.createdAt).toISOString(),
    Scope: "local",
    Driver: network.driver,
    EnableIPv6: false,
    IPAM: { Driver: "default", Options: null, Config: isBridge ? [range] : [] },
    Internal: network.internal,
    Attachable: network.attachable,
    Ingress: false,
    ConfigFrom: { Network: "" },
    ConfigOnly: false,
    Containers: Object.fromEntries(members),
    Options: network.options,
    Labels: network.labels,
  };
}

const words = z.record(z.string().max(1_024), z.string().max(16_384)).nullish();
const createBody = z.looseObject({
  Name: z.string().max(256),
  Driver: z.string().max(64).nullish(),
  Internal: z.boolean().nullish(),
  Attachable: z.boolean().nullish(),
  EnableIPv6: z.boolean().nullish(),
  IPAM: z
    .looseObject({ Config: z.array(z.looseObject({ Subnet: z.string().nullish() })).nullish() })
    .nullish(),
  Options: words,
  Labels: words,
});
const memberBody = z.looseObject({
  Container: z.string().max(256),
  EndpointConfig: z.looseObject({ Aliases: z.array(z.string().max(128)).max(64).nullish() }).nullish(),
  Force: z.boolean().nullish(),
});

function checkCreated({ Name, Driver, EnableIPv6, IPAM }: z.output<typeof createBody>): void {
  if (!CONTAINER_NAME.test(Name)) throw new EngineError(400, `invalid network name: ${Name.slice(0, 128)}`);
  if (Object.hasOwn(BUILT_IN, Name)) {
    throw new EngineError(403, `operation is not permitted on predefined ${Name} network`);
  }
  if (Driver && Driver !== "bridge") {
    throw new EngineError(404, `could not find plugin ${Driver} in v1 plugin registry: plugin not found`);
  }
  if (EnableIPv6) throw new EngineError(400, "Networks of a session have no IPv6.");
  if (IPAM?.Config?.some(({ Subnet }) => Subnet)) {
    throw new EngineError(
      400,
      "Networks of a session have the addresses of the session; a subnet can't be chosen.",
    );
  }
}

/** Networks as a docker client knows them: names under which containers find each other on the session's bridge. */
export const networkRoutes: Route[] = [
  route({
    method: "GET",
    path: "/networks",
    query: z.object({ filters }),
    async handle({ session, query }) {
      const narrowed = new FilterSet(query.filters, FILTERS);
      const shown = all(session).filter(
        ({ id, name, driver, labels, builtIn }) =>
          narrowed.labels(labels) &&
          narrowed.some("id", (wanted) => id.startsWith(wanted)) &&
          narrowed.some("name", (part) => name.includes(part)) &&
          narrowed.some("driver", (wanted) => driver === wanted) &&
          narrowed.some("scope", (wanted) => wanted === "local") &&
          narrowed.some("type", (wanted) => (wanted === "builtin") === builtIn),
      );
      return json(shown.map((network) => ({ ...networkJson(session, network), Containers: {} })));
    },
  }),
  route({
    method: "GET",
    path: "/networks/{id}",
    async handle({ session, params }) {
      return json(networkJson(session, find(session, params.id ?? "")));
    },
  }),
  route({
    method: "POST",
    path: "/networks/create",
    body: createBody,
    async handle({ session, body }) {
      checkCreated(body);
      const network = session.containers.networks.create({
        name: body.Name,
        internal: body.Internal ?? false,
        attachable: body.Attachable ?? false,
        labels: body.Labels ?? {},
        options: body.Options ?? {},
      });
      tell(session, "create", network);
      return json({ Id: network.id, Warning: "" }, 201);
    },
  }),
  route({
    method: "DELETE",
    path: "/networks/{id}",
    async handle({ session, params }) {
      const network = find(session, params.id ?? "");
      if (network.builtIn) {
        throw new EngineError(403, `${network.name} is a pre-defined network and cannot be removed`);
      }
      if (isUsed(session, network)) {
        throw new EngineError(
          403,
          `error while removing network: network ${network.name} has active endpoints`,
        );
      }
      session.containers.networks.remove(network);
      tell(session, "destroy", network);
      return noContent;
    },
  }),
  route({
    method: "POST",
    path: "/networks/{id}/connect",
    body: memberBody,
    async handle({ session, params, body }) {
      const network = find(session, params.id ?? "");
      const container = session.containers.find(body.Container);
      await container.join(network.name, body.EndpointConfig?.Aliases ?? []);
      tell(session, "connect", network, container.id);
      return { kind: "empty", status: 200 };
    },
  }),
  route({
    method: "POST",
    path: "/networks/{id}/disconnect",
    body: memberBody,
    async handle({ session, params, body }) {
      const network = find(session, params.id ?? "");
      const container = session.containers.find(body.Container);
      await container.leave(network.name);
      tell(session, "disconnect", network, container.id);
      return { kind: "empty", status: 200 };
    },
  }),
  route({
    method: "POST",
    path: "/networks/prune",
    query: z.object({ filters }),
    async handle({ session, query }) {
      const narrowed = new FilterSet(query.filters, ["label", "label!", "until"]);
      const unused = all(session).filter(
        (network) => !network.builtIn && narrowed.labels(network.labels) && !isUsed(session, network),
      );
      for (const network of unused) session.containers.networks.remove(network);
      return json({ NetworksDeleted: unused.map(({ name }) => name) });
    },
  }),
];

const isUsed = ({ containers }: SessionHost, { name }: Shown): boolean =>
  containers
    .list()
    .some(({ running, record }) => running !== null && Object.hasOwn(record.order.networks, name));

function tell(
  { events }: SessionHost,
  action: string,
  { id, name }: Pick<Shown, "id" | "name">,
  container?: string,
): void {
  const attributes = { name, type: "bridge", ...(container === undefined ? {} : { container }) };
  events.tell({ type: "network", action, id, attributes });
}
