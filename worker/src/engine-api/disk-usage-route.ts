import { z } from "zod";
import type { SessionHost } from "../session/session-host.ts";
import { SessionVolumes, volumeData } from "../session/volumes/session-volumes.ts";
import type { ContainerFacts } from "./containers/container-facts.ts";
import type { ImageBytes } from "./containers/disk-sizes.ts";
import type { HostImages } from "./images/host-images.ts";
import { several } from "./query-values.ts";
import { json, type Route, route } from "./route.ts";
import { directoryBytes } from "./volumes/directory-bytes.ts";
import { volumeJson } from "./volumes/volume-json.ts";

const KINDS = ["container", "image", "volume", "build-cache"] as const;

export interface DiskUsageParts {
  readonly images: HostImages;
  readonly containers: ContainerFacts;
  readonly imageBytes: ImageBytes;
}

/** `docker system df`. */
export function diskUsageRoute({ images, containers, imageBytes }: DiskUsageParts): Route {
  return route({
    method: "GET",
    path: "/system/df",
    query: z.object({ type: several.pipe(z.array(z.enum(KINDS))) }),
    handle: async ({ session, query, version }) => {
      const wants = (kind: (typeof KINDS)[number]): boolean =>
        query.type.length === 0 || query.type.includes(kind);
      const own = await images.of(session);
      const everything = { filters: new Map(), sharedSize: true, minor: version.minor };
      return json({
        ...(wants("image") && { LayersSize: await own.layerBytes(), Images: await own.list(everything) }),
        ...(wants("container") && { Containers: await containers.listed(session, imageBytes) }),
        ...(wants("volume") && { Volumes: await volumesWithUse(session, containers) }),
        // Cached steps belong to the worker, and are nobody's in particular.
        ...(wants("build-cache") && { BuildCache: [] }),
        ...(wants("build-cache") && { BuilderSize: 0 }),
      });
    },
  });
}

async function volumesWithUse(session: SessionHost, containers: ContainerFacts): Promise<object[]> {
  const volumes = await new SessionVolumes(session.disk).list();
  const used: object[] = [];
  for (const volume of volumes) {
    const Size = await directoryBytes(volumeData(session.disk, volume.name));
    const RefCount = containers.onVolume(session, volume.name).length;
    used.push({ ...volumeJson(volume), UsageData: { Size, RefCount } });
  }
  return used;
}
