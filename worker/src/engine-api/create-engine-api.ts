import { type Digest, SlipwayError } from "@slipway/protocol";
import type { Logger } from "pino";
import type { BaseImages } from "../builder/builder.ts";
import type { ImageBuilder } from "../builder/create-builder.ts";
import type { ImageTransfer } from "../image-store/image-transfer.ts";
import type { SessionParts } from "../session/parts.ts";
import type { EngineAbout } from "./about.ts";
import { buildRoutes } from "./build/build-routes.ts";
import { SessionBuilds } from "./build/session-builds.ts";
import { attachRoutes, execRoutes } from "./containers/attach-routes.ts";
import { changeRoutes } from "./containers/change-routes.ts";
import { commitRoute } from "./containers/commit-route.ts";
import { containerFacts } from "./containers/container-facts.ts";
import { containerRoutes } from "./containers/container-routes.ts";
import { copyRoutes } from "./containers/copy-routes.ts";
import { logRoute } from "./containers/log-route.ts";
import { networkRoutes } from "./containers/network-routes.ts";
import { statsRoutes } from "./containers/stats-routes.ts";
import { topRoute } from "./containers/top-route.ts";
import { waitRoute } from "./containers/wait-route.ts";
import { diskUsageRoute } from "./disk-usage-route.ts";
import type { EngineApi } from "./engine-api.ts";
import type { Patience } from "./engine-server.ts";
import { hostView } from "./host-view.ts";
import { archiveRoutes } from "./images/archive-routes.ts";
import { HostImages } from "./images/host-images.ts";
import { readReference } from "./images/image-lookup.ts";
import { imageRoutes } from "./images/image-routes.ts";
import { registryRoutes } from "./images/registry-routes.ts";
import { SessionEngines } from "./session-engines.ts";
import { swarmRoutes } from "./swarm-routes.ts";
import { systemRoutes } from "./system-routes.ts";
import { volumeRoutes } from "./volumes/volume-routes.ts";

export interface EngineApiParts {
  /** The worker's directory. */
  readonly directory: string;
  readonly about: EngineAbout;
  readonly parts: Pick<SessionParts, "cgroups" | "content" | "images" | "network" | "snapshotter">;
  readonly transfer: ImageTransfer;
  readonly baseImages: BaseImages;
  readonly builder: ImageBuilder;
  readonly log: Logger;
  readonly patience?: Patience;
}

export function createEngineApi({ directory, about, log, ...parts }: EngineApiParts): EngineApi {
  const { transfer, baseImages, builder } = parts;
  const containers = containerFacts;
  const { images: store, content, snapshotter, network, cgroups } = parts.parts;
  const images = new HostImages(store, containers);
  const imageBytes = async (digest: Digest) => (await store.get(digest))?.sizeBytes ?? 0;
  const builds = new SessionBuilds({ builder, store, content, network, cgroups });
  const routes = [
    ...systemRoutes({ about, countImages: async (session) => (await images.of(session)).book.list().length }),
    ...registryRoutes({ store, transfer, baseImages }),
    ...archiveRoutes({ images, store, content }),
    ...imageRoutes({ images, builds, store, content, transfer, baseImages }),
    ...buildRoutes(images, builds),
    ...volumeRoutes(containers),
    ...containerRoutes({
      image: async (session, reference) => (await (await images.of(session)).need(reference)).image,
      bytes: imageBytes,
    }),
    ...attachRoutes,
    ...execRoutes,
    ...copyRoutes,
    ...changeRoutes({ directory, store, snapshotter }),
    waitRoute,
    logRoute,
    ...networkRoutes,
    ...statsRoutes(cgroups),
    topRoute(cgroups),
    commitRoute({
      store,
      content,
      snapshotter,
      keep: async (session, image, name, parent) => {
        const names = name === null ? [] : [readReference(name).full];
        (await images.of(session)).keep(image, names, null, parent);
      },
      changed: async (session, image, lines, signal) =>
        await builds.changed(session, await images.of(session), image, lines, signal),
    }),
    diskUsageRoute({ images, containers, imageBytes }),
    ...swarmRoutes,
  ];
  const view: EngineApi["view"] = async (session) => hostView(session, (await images.of(session)).book);
  const manifest: EngineApi["manifest"] = async (session, imageId) => {
    const booked = (await images.of(session)).book.get(imageId);
    if (booked) return booked.manifest;
    throw new SlipwayError("image-missing", "The session has no such image.", {
      params: { digest: imageId },
    });
  };
  return new SessionEngines({
    directory,
    routes,
    keepers: [images],
    view,
    manifest,
    log,
    patience: parts.patience,
  });
}
