import { z } from "zod";
import { isInSubnet } from "../../network/bridge-network.ts";
import { parseIpv4, parsePrefix } from "../../network/ipv4.ts";
import { NOT_CONNECTED } from "../../session/containers/container-membership.ts";
import { DEFAULT_NETWORK } from "../../session/containers/container-order.ts";
import type { SessionContainer } from "../../session/containers/session-container.ts";
import type { UserNetwork } from "../../session/containers/session-networks.ts";
import type { SessionHost } from "../../session/session-host.ts";
import { EngineError } from "../engine-error.ts";
import { FilterSet } from "../filter-set.ts";
import { filters } from "../query-values.ts";
import { json, noContent, type Route, route } from "../route.ts";
import { endpointBodySchema } from "./create-body.ts";
import { addressIn, builtinNetworkId, defaultAddresses, endpointId, macIn } from "./endpoint-json.ts";
import { joinedAs } from "./ordered-networks.ts";

const BUILT_IN = { [DEFAULT_NETWORK]: "bridge", host: "host", none: "null" } as const;
/** Addresses of one network that are kept free. */
const MOST_AUXILIARY = 64;
const FILTERS = ["dangling", "driver", "id", "label", "label!", "name", "scope", "type"];

const NETWORK_NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,127}$/;
const TYPES = ["builtin", "custom"];

interface Shown
  extends Pick<UserNetwork, "id" | "name" | "createdAt" | "internal" | "attachable" | "labels" | "options"> {
  readonly driver: string;
  /** Null for what a person made not. */
  readonly own: UserNetwork | null;
}

function all(session: SessionHost): Shown[] {
  const plain = { createdAt: session.begunAt, internal: false, attachable: false, labels: {}, options: {} };
  const builtIn = Object.entries(BUILT_IN).map(([name, driver]) => ({
    ...plain,
    name,
    driver,
    id: builtinNetworkId(session, name),
    own: null,
  }));
  const own = session.containers.networks.list();
  return [...builtIn, ...own.map((network) => ({ ...network, driver: "bridge", own: network }))];
}

function find(session: SessionHost, reference: string): Shown {
  const networks = all(session);
  const exact = networks.find(({ id, name }) => id === reference || name === reference);
  const found = exact ?? networks.find(({ id }) => reference.length > 2 && id.startsWith(reference));
  if (found) return found;
  throw new EngineError(404, `network ${reference.slice(0, 256)} not found`);
}

function networkJson(session: SessionHost, network: Shown): object {
  const { subnet, gateway } = network.own ?? defaultAddresses(session);
  const range = network.own?.range ?? null;
  const auxiliary = network.own?.auxiliary ?? {};
  const config = {
    Subnet: subnet,
    ...(range === null ? {} : { IPRange: range }),
    Gateway: gateway,
    ...(Object.keys(auxiliary).length === 0 ? {} : { AuxiliaryAddresses: auxiliary }),
  };
  const length = subnet.split("/")[1];
  const members = membersOf(session, network).map((container) => {
    const address = addressIn(container, network.name);
    const shown = {
      EndpointID: endpointId(container, network.name),
      MacAddress: macIn(container, network.name),
      IPv4Address: address === null ? "" : `${address}/${length}`,
      IPv6Address: "",
    };
    return [container.id, { Name: container.name, ...shown }] as const;
  });
  return {
    Name: network.name,
    Id: network.id,
    Created: new Date(network.createdAt).toISOString(),
    Scope: "local",
    Driver: network.driver,
    EnableIPv6: false,
    IPAM: { Driver: "default", Options: null, Config: network.driver === "bridge" ? [config] : [] },
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

/** Containers that run in a network. */
const membersOf = ({ containers }: SessionHost, { name }: Shown): SessionContainer[] =>
  containers.list().filter(({ running, record: { order } }) => {
    if (running === null) return false;
    return order.network.kind === "bridge"
      ? Object.hasOwn(order.networks, name)
      : order.network.kind === name;
  });

const words = z.record(z.string().max(1_024), z.string().max(16_384)).nullish();
const address = z.string().max(64).nullish();
const createBody = z.looseObject({
  Name: z.string().max(256),
  Driver: z.string().max(64).nullish(),
  Internal: z.boolean().nullish(),
  Attachable: z.boolean().nullish(),
  EnableIPv6: z.boolean().nullish(),
  IPAM: z
    .looseObject({
      Driver: z.string().max(64).nullish(),
      Config: z
        .array(
          z.looseObject({
            Subnet: address,
            IPRange: address,
            Gateway: address,
            AuxiliaryAddresses: words,
            AuxAddress: words,
          }),
        )
        .max(64)
        .nullish(),
    })
    .nullish(),
  Options: words,
  Labels: words,
});
const memberBody = z.looseObject({
  Container: z.string().max(256),
  EndpointConfig: endpointBodySchema.nullish(),
  Force: z.boolean().nullish(),
});

function checkCreated({ Name, Driver, EnableIPv6, IPAM }: z.output<typeof createBody>): void {
  if (!NETWORK_NAME.test(Name)) throw new EngineError(400, `invalid network name: ${Name.slice(0, 128)}`);
  if (Object.hasOwn(BUILT_IN, Name)) {
    throw new EngineError(403, `operation is not permitted on predefined ${Name} network`);
  }
  if (Driver && Driver !== "bridge") {
    throw new EngineError(404, `could not find plugin ${Driver} in v1 plugin registry: plugin not found`);
  }
  if (EnableIPv6) throw new EngineError(400, "Networks of a session have no IPv6.");
  if (IPAM?.Driver && IPAM.Driver !== "default") {
    throw new EngineError(400, `Networks of a session have no IPAM driver ${IPAM.Driver}.`);
  }
}

/** The one subnet that is asked for. */
function askedSubnet({ IPAM }: z.output<typeof createBody>) {
  const [config, ...more] = IPAM?.Config ?? [];
  if (more.length > 0) throw new EngineError(400, "A network of a session has one subnet.");
  const { Subnet, Gateway, IPRange, AuxiliaryAddresses, AuxAddress } = config ?? {};
  if ([Subnet, Gateway, IPRange].some((text) => text?.includes(":"))) {
    throw new EngineError(400, "Networks of a session have no IPv6.");
  }
  for (const text of [Subnet, IPRange]) {
    if (text && parsePrefix(text) === null) throw new EngineError(400, `invalid CIDR address: ${text}`);
  }
  if (!Subnet && (Gateway || IPRange)) {
    throw new EngineError(400, "a gateway or a range of addresses needs a subnet that they are of");
  }
  const auxiliary = checkedAuxiliary(Subnet || null, { ...AuxiliaryAddresses, ...AuxAddress });
  return { subnet: Subnet || null, gateway: Gateway || null, range: IPRange || null, auxiliary };
}

function checkedAuxiliary(
  subnet: string | null,
  addresses: Readonly<Record<string, string>>,
): Record<string, string> {
  const all = Object.entries(addresses);
  if (all.length > MOST_AUXILIARY) {
    throw new EngineError(400, `A network has ${MOST_AUXILIARY} auxiliary addresses at most.`);
  }
  const odd = all.find(
    ([, one]) => parseIpv4(one) === null || subnet === null || !isInSubnet({ subnet }, one),
  );
  if (odd === undefined) return { ...addresses };
  throw new EngineError(400, `no matching subnet for aux-address ${odd[1].slice(0, 64)}`);
}

/** Networks as a docker client knows them: bridges of the session, each with addresses and names of its own. */
export const networkRoutes: Route[] = [
  route({
    method: "GET",
    path: "/networks",
    query: z.object({ filters }),
    async handle({ session, query }) {
      const narrowed = new FilterSet(query.filters, FILTERS);
      const dangling = danglingOf(narrowed);
      const odd = narrowed.values("type").find((type) => !TYPES.includes(type));
      if (odd !== undefined) throw new EngineError(400, `invalid filter 'type=${odd.slice(0, 64)}'`);
      const shown = all(session).filter(
        (network) =>
          narrowed.labels(network.labels) &&
          narrowed.some("id", (wanted) => network.id.startsWith(wanted)) &&
          narrowed.some("name", (part) => network.name.includes(part)) &&
          narrowed.some("driver", (wanted) => network.driver === wanted) &&
          narrowed.some("scope", (wanted) => wanted === "local") &&
          narrowed.some("type", (wanted) => (wanted === "builtin") === (network.own === null)) &&
          (dangling === null || dangling === isDangling(session, network)),
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
        ...askedSubnet(body),
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
      if (network.own === null) {
        throw new EngineError(403, `${network.name} is a pre-defined network and cannot be removed`);
      }
      if (membersOf(session, network).length > 0) {
        throw new EngineError(
          403,
          `error while removing network: network ${network.name} id ${network.id} has active endpoints`,
        );
      }
      session.containers.networks.remove(network.own);
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
      checkJoinable(network);
      await container.join(network.name, joinedAs(network.own, body.EndpointConfig ?? {}));
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
      checkJoinable(network);
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
      const until = narrowed.moment("until", Date.now()) ?? Number.POSITIVE_INFINITY;
      const unused = all(session).flatMap((network) =>
        narrowed.labels(network.labels) && network.createdAt < until && isDangling(session, network)
          ? (network.own ?? [])
          : [],
      );
      for (const network of unused) {
        session.containers.networks.remove(network);
        tell(session, "destroy", network);
      }
      return json({ NetworksDeleted: unused.map(({ name }) => name) });
    },
  }),
];

function danglingOf(narrowed: FilterSet): boolean | null {
  if (narrowed.values("dangling").length < 2) return narrowed.flag("dangling");
  throw new EngineError(400, 'got more than one value for filter key "dangling"');
}

/** True for a network of the session's own in which nothing runs. */
const isDangling = (session: SessionHost, network: Shown): boolean =>
  network.own !== null && membersOf(session, network).length === 0;

/** Host and none are what a container has from its beginning to its end. */
function checkJoinable({ name, own }: Shown): void {
  if (own !== null || name === DEFAULT_NETWORK) return;
  throw new EngineError(400, name === "host" ? NOT_CONNECTED.host : NOT_CONNECTED.none);
}

function tell(
  { events }: SessionHost,
  action: string,
  { id, name }: Pick<Shown, "id" | "name">,
  container?: string,
): void {
  const attributes = { name, type: "bridge", ...(container === undefined ? {} : { container }) };
  events.tell({ type: "network", action, id, attributes });
}
