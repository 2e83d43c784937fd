import { z } from "zod";
import type { HostImages } from "../images/host-images.ts";
import { header } from "../images/image-routes.ts";
import { readConfigHeader } from "../images/registry-auth.ts";
import { streamedAnswer } from "../json-stream.ts";
import { filters, flag } from "../query-values.ts";
import { json, type Route, route } from "../route.ts";
import { buildQuerySchema } from "./build-query.ts";
import type { SessionBuilds } from "./session-builds.ts";

/** `docker build`. */
export function buildRoutes(images: HostImages, builds: SessionBuilds): Route[] {
  return [
    route({
      method: "POST",
      path: "/build",
      query: buildQuerySchema,
      handle: async ({ session, query, stream, headers, gone }) => {
        const credentials = readConfigHeader(header(headers["x-registry-config"]));
        const order = { query, credentials, context: stream, signal: gone };
        const own = await images.of(session);
        return await streamedAnswer((tell) => builds.build(session, own, order, tell));
      },
    }),
    route({
      method: "POST",
      path: "/build/prune",
      query: z.object({ all: flag, filters, "keep-storage": z.string().optional() }),
      // So this is no figure of speech: none is deleted, and the next build finds all of it. The worker's cache of steps belongs to all who build on it; nothing of it is the session's to remove.
      handle: async () => json({ CachesDeleted: null, SpaceReclaimed: 0 }),
    }),
  ];
}
