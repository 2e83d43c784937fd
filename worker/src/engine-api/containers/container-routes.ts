import { z } from "zod";
import type { Image } from "../../image-store/image-store.ts";
import { signalNumber } from "../../runtime/signals.ts";
import type { OrderedMount } from "../../session/containers/container-order.ts";
import type { SessionHost } from "../../session/session-host.ts";
import { SessionVolumes } from "../../session/volumes/session-volumes.ts";
import { isPlatform } from "../asked-platform.ts";
import { EngineError } from "../engine-error.ts";
import { FilterSet } from "../filter-set.ts";
import { filters, flag, integer } from "../query-values.ts";
import { type Answer, json, noContent, type Route, route } from "../route.ts";
import { containerFacts } from "./container-facts.ts";
import { filterContainers, withNetworkNames } from "./container-filters.ts";
import { inspectJson, summaryJson } from "./container-json.ts";
import { createBodySchema, hostConfigSchema } from "./create-body.ts";
import { diskSizes, type ImageBytes, writtenBytes } from "./disk-sizes.ts";
import { limitsOf, orderOf, restartOf } from "./ordered-container.ts";

export interface ContainerImages {
  /** The image that a name or an id means in a session. Rejects with Docker's 404. */
  image(session: SessionHost, reference: string): Promise<Image>;
  readonly bytes: ImageBytes;
}

const notModified: Answer = { kind: "empty", status: 304 };
const name = z.string().max(256).optional();

/** The life of containers, but for their streams. */
export function containerRoutes(images: ContainerImages): Route[] {
  return [
    listRoute(images),
    createRoute(images),
    inspectRoute(images),
    ...lifeRoutes,
    ...changeRoutes,
    removeRoute,
    pruneRoute,
  ];
}

function listRoute({ bytes }: ContainerImages): Route {
  return route({
    method: "GET",
    path: "/containers/json",
    query: z.object({ all: flag, limit: integer, size: flag, filters }),
    async handle({ session, query }) {
      const { all, limit } = query;
      const wanted = withNetworkNames(query.filters, session);
      const newestFirst = session.containers.list().reverse();
      const anyState = all || (limit ?? 0) > 0 || wanted.has("status") || wanted.has("exited");
      const fitting = filterContainers(newestFirst, wanted).filter(
        ({ state }) => anyState || ["running", "paused", "restarting"].includes(state.status),
      );
      const shown = (limit ?? 0) > 0 ? fitting.slice(0, limit) : fitting;
      const list: object[] = [];
      for (const container of shown) {
        const sizes = query.size ? await diskSizes(session, container, bytes) : {};
        list.push({ ...summaryJson(container, session), ...sizes });
      }
      return json(list);
    },
  });
}

function createRoute(images: ContainerImages): Route {
  return route({
    method: "POST",
    path: "/containers/create",
    query: z.object({ name, platform: z.string().optional() }),
    body: createBodySchema,
    async handle({ session, query, body }) {
      const reference = body.Image ?? "";
      if (reference === "") throw new EngineError(400, "no image specified");
      const image = await images.image(session, reference);
      checkPlatform(query.platform ?? "", image, reference);
      const order = orderOf(body, image, reference, session);
      const volumes = new SessionVolumes(session.disk);
      for (const { type, source } of order.mounts) if (type === "volume") await volumes.create(source);
      const wanted = query.name === undefined || query.name === "" ? null : query.name.replace(/^\//, "");
      const { id } = session.containers.create(wanted, order);
      return json({ Id: id, Warnings: [] }, 201);
    },
  });
}

function inspectRoute({ bytes }: ContainerImages): Route {
  return route({
    method: "GET",
    path: "/containers/{id}/json",
    query: z.object({ size: flag }),
    async handle({ session, params, query, version }) {
      const container = session.containers.find(params.id ?? "");
      const pid = (await container.running?.container.pid().catch(() => null)) ?? null;
      const sizes = query.size ? await diskSizes(session, container, bytes) : {};
      return json({ ...inspectJson(container, session, pid, version.minor), ...sizes });
    },
  });
}

function checkPlatform(platform: string, { config }: Image, reference: string): void {
  const actual = { os: config.os || "linux", architecture: config.architecture };
  if (isPlatform(platform, actual)) return;
  throw new EngineError(
    404,
    `image with reference ${reference} was found but does not match the specified platform: wanted ${platform}, actual: ${actual.os}/${actual.architecture}`,
  );
}

/** Seconds to wait for a stop, as `t`; negative: for ever. */
const stopQuery = z.object({ t: integer, signal: z.string().max(32).optional() });
const FOR_EVER_MS = 2 ** 31 - 1;

function stopOptions({ t, signal }: z.output<typeof stopQuery>) {
  if (signal !== undefined) signalNumber(signal);
  const timeoutMs = t === undefined ? undefined : t < 0 ? FOR_EVER_MS : t * 1_000;
  return { ...(signal ? { signal } : {}), ...(timeoutMs === undefined ? {} : { timeoutMs }) };
}

const lifeRoutes = [
  route({
    method: "POST",
    path: "/containers/{id}/start",
    async handle({ session, params }) {
      const container = session.containers.find(params.id ?? "");
      if (container.state.status === "paused") {
        throw new EngineError(409, "cannot start a paused container, try unpause instead");
      }
      return (await container.start()) ? noContent : notModified;
    },
  }),
  route({
    method: "POST",
    path: "/containers/{id}/stop",
    query: stopQuery,
    async handle({ session, params, query }) {
      const container = session.containers.find(params.id ?? "");
      return (await container.stop(stopOptions(query))) ? noContent : notModified;
    },
  }),
  route({
    method: "POST",
    path: "/containers/{id}/restart",
    query: stopQuery,
    async handle({ session, params, query }) {
      const container = session.containers.find(params.id ?? "");
      await container.restart(stopOptions(query));
      return noContent;
    },
  }),
  route({
    method: "POST",
    path: "/containers/{id}/kill",
    query: z.object({ signal: z.string().max(32).optional() }),
    async handle({ session, params, query }) {
      const container = session.containers.find(params.id ?? "");
      const signal = query.signal || "SIGKILL";
      signalNumber(signal);
      await container.kill(signal);
      return noContent;
    },
  }),
  route({
    method: "POST",
    path: "/containers/{id}/pause",
    async handle({ session, params }) {
      await session.containers.find(params.id ?? "").pause();
      return noContent;
    },
  }),
  route({
    method: "POST",
    path: "/containers/{id}/unpause",
    async handle({ session, params }) {
      await session.containers.find(params.id ?? "").unpause();
      return noContent;
    },
  }),
];

const changeRoutes = [
  route({
    method: "POST",
    path: "/containers/{id}/rename",
    query: z.object({ name }),
    async handle({ session, params, query }) {
      const container = session.containers.find(params.id ?? "");
      const wanted = (query.name ?? "").replace(/^\//, "");
      if (wanted === "") throw new EngineError(400, "Neither old nor new names may be empty");
      await session.containers.rename(container, wanted);
      return noContent;
    },
  }),
  route({
    method: "POST",
    path: "/containers/{id}/update",
    body: hostConfigSchema,
    async handle({ session, params, body }) {
      const container = session.containers.find(params.id ?? "");
      const { limits, restart, autoRemove } = container.record.order;
      const wanted = limitsOf(body, session);
      const given = Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== null));
      const policy = body.RestartPolicy?.Name ? restartOf({ ...body, AutoRemove: autoRemove }) : restart;
      await container.update({ limits: { ...limits, ...given }, restart: policy });
      return json({ Warnings: [] });
    },
  }),
];

const removeRoute = route({
  method: "DELETE",
  path: "/containers/{id*}",
  query: z.object({ v: flag, force: flag, link: flag }),
  async handle({ session, params, query }) {
    if (query.link) return await removeLink(session, params.id ?? "");
    const container = session.containers.find(params.id ?? "");
    await session.containers.remove(container, query);
    if (query.v) await removeAnonymous(session, container.record.order.mounts);
    return noContent;
  },
});

/** `web/db`: what the container `web` calls another one. The other one stays. */
async function removeLink({ containers }: SessionHost, name: string): Promise<Answer> {
  const [, of = "", alias = ""] = /^\/?([^/]+)\/([^/]+)$/.exec(name) ?? [];
  if (alias === "") throw new EngineError(400, `a link is named container/alias, not ${name.slice(0, 128)}`);
  if (await containers.find(of).unlink(alias)) return noContent;
  throw new EngineError(404, `No such link: ${name.slice(0, 256)}`);
}

/** Volumes that nobody named and nobody else has. */
async function removeAnonymous(session: SessionHost, mounts: readonly OrderedMount[]): Promise<void> {
  const volumes = new SessionVolumes(session.disk);
  for (const { type, source } of mounts) {
    if (type !== "volume" || !(await volumes.get(source))?.isAnonymous) continue;
    if (containerFacts.onVolume(session, source).length === 0) await volumes.remove(source);
  }
}

const pruneRoute = route({
  method: "POST",
  path: "/containers/prune",
  query: z.object({ filters }),
  async handle({ session, query }) {
    const wanted = new FilterSet(query.filters, ["label", "label!", "until"]);
    const until = wanted.moment("until", Date.now()) ?? Number.POSITIVE_INFINITY;
    const old = session.containers
      .list()
      .filter(
        ({ running, state, record }) =>
          running === null &&
          state.status !== "restarting" &&
          record.createdAt < until &&
          wanted.labels(record.order.labels),
      );
    let bytes = 0;
    for (const container of old) {
      bytes += await writtenBytes(session, container);
      await session.containers.remove(container, { force: false });
    }
    return json({ ContainersDeleted: old.map(({ id }) => id), SpaceReclaimed: bytes });
  },
});
