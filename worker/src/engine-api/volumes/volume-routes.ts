import { randomBytes } from "node:crypto";
import { z } from "zod";
import type { SessionHost } from "../../session/session-host.ts";
import { SessionVolumes, type Volume, volumeData } from "../../session/volumes/session-volumes.ts";
import type { ContainerFacts } from "../containers/container-facts.ts";
import { EngineError } from "../engine-error.ts";
import { FilterSet } from "../filter-set.ts";
import { filters, flag } from "../query-values.ts";
import { json, noContent, type Route, route } from "../route.ts";
import { atLeast } from "../router.ts";
import { directoryBytes } from "./directory-bytes.ts";
import { labelsOf, volumeJson } from "./volume-json.ts";

const LIST_FILTERS = ["dangling", "driver", "label", "label!", "name"];
const PRUNE_FILTERS = ["all", "label", "label!"];
/** Since this version a prune leaves volumes that have a name. */
const PRUNES_ANONYMOUS = "1.42";
const LABELS = 256;

const createBody = z.looseObject({
  Name: z.string().max(256).default(""),
  Driver: z.string().nullish(),
  DriverOpts: z.record(z.string(), z.string()).nullish(),
  Labels: z.record(z.string().max(1024), z.string().max(16_384)).nullish(),
  ClusterVolumeSpec: z.unknown().optional(),
});

/** `docker volume`. */
export function volumeRoutes(containers: ContainerFacts): Route[] {
  return [...listingRoutes(containers), ...changingRoutes(containers)];
}

const volumesOf = (session: SessionHost): SessionVolumes => new SessionVolumes(session.disk);

function listingRoutes(containers: ContainerFacts): Route[] {
  return [
    route({
      method: "GET",
      path: "/volumes",
      query: z.object({ filters }),
      handle: async ({ session, query }) => {
        const narrowed = new FilterSet(query.filters, LIST_FILTERS);
        const dangling = narrowed.flag("dangling");
        const shown = (await volumesOf(session).list()).filter(
          (volume) =>
            narrowed.labels(labelsOf(volume)) &&
            narrowed.some("name", (part) => volume.name.includes(part)) &&
            narrowed.some("driver", (driver) => driver === "local") &&
            (dangling === null || dangling === (containers.onVolume(session, volume.name).length === 0)),
        );
        return json({ Volumes: shown.map(volumeJson), Warnings: null });
      },
    }),
    route({
      method: "GET",
      path: "/volumes/{name}",
      handle: async ({ session, params }) => json(volumeJson(await needed(session, params.name ?? ""))),
    }),
  ];
}

function changingRoutes(containers: ContainerFacts): Route[] {
  return [
    route({
      method: "POST",
      path: "/volumes/create",
      body: createBody,
      handle: async ({ session, body }) => {
        refuseDrivers(body);
        const labels = body.Labels ?? {};
        if (Object.keys(labels).length > LABELS)
          throw new EngineError(400, `A volume has ${LABELS} labels at most.`);
        const name = body.Name === "" ? randomBytes(32).toString("hex") : body.Name;
        const volumes = volumesOf(session);
        const isNew = (await volumes.get(name)) === null;
        const volume = await volumes.create(name, labels);
        if (isNew) tell(session, "create", name);
        return json(volumeJson(volume), 201);
      },
    }),
    route({
      method: "DELETE",
      path: "/volumes/{name}",
      query: z.object({ force: flag }),
      handle: async ({ session, params, query }) => {
        const name = params.name ?? "";
        const users = containers.onVolume(session, name);
        if (users.length > 0)
          throw new EngineError(409, `remove ${name}: volume is in use - [${users.join(", ")}]`);
        const removed = await volumesOf(session).remove(name);
        if (!removed && !query.force) throw missing(name);
        if (removed) tell(session, "destroy", name);
        return noContent;
      },
    }),
    route({
      method: "POST",
      path: "/volumes/prune",
      query: z.object({ filters }),
      handle: async ({ session, query, version }) => {
        const narrowed = new FilterSet(query.filters, PRUNE_FILTERS);
        const all = narrowed.flag("all") ?? !atLeast(version, PRUNES_ANONYMOUS);
        return json(await prune(session, containers, narrowed, all));
      },
    }),
  ];
}

async function prune(session: SessionHost, containers: ContainerFacts, narrowed: FilterSet, all: boolean) {
  const volumes = volumesOf(session);
  const removed: string[] = [];
  let bytes = 0;
  for (const volume of await volumes.list()) {
    if (!all && !volume.isAnonymous) continue;
    if (!narrowed.labels(labelsOf(volume)) || containers.onVolume(session, volume.name).length > 0) continue;
    bytes += await directoryBytes(volumeData(session.disk, volume.name));
    await volumes.remove(volume.name);
    tell(session, "destroy", volume.name);
    removed.push(volume.name);
  }
  return { VolumesDeleted: removed, SpaceReclaimed: bytes };
}

async function needed(session: SessionHost, name: string): Promise<Volume> {
  const volume = await volumesOf(session).get(name);
  if (volume) return volume;
  throw missing(name);
}

function refuseDrivers({ Driver, DriverOpts, ClusterVolumeSpec }: z.infer<typeof createBody>): void {
  if (Driver && Driver !== "local") {
    throw new EngineError(
      404,
      `create: plugin ${JSON.stringify(Driver.slice(0, 100))} not found: volumes here are local`,
    );
  }
  if (Object.keys(DriverOpts ?? {}).length > 0) {
    throw new EngineError(
      400,
      "Options of the volume driver are not allowed: a volume is a directory of the session.",
    );
  }
  if (ClusterVolumeSpec) throw new EngineError(503, "This node is not a swarm manager.");
}

function tell({ events }: SessionHost, action: string, name: string): void {
  events.tell({ type: "volume", action, id: name, attributes: { driver: "local" } });
}

const missing = (name: string): EngineError =>
  new EngineError(404, `get ${name.slice(0, 256)}: no such volume`);
