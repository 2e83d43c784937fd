import type { SessionHost } from "../session/session-host.ts";
import { type EngineAbout, infoOf, versionOf } from "./about.ts";
import { eventRoute } from "./event-route.ts";
import { json, type Route, route } from "./route.ts";

export interface SystemParts {
  readonly about: EngineAbout;
  /** How many images a session sees. */
  readonly countImages: (session: SessionHost) => Promise<number>;
}

const NO_CACHE = { "Cache-Control": "no-cache, no-store, must-revalidate", Pragma: "no-cache" };

/** Who answers, what it can do, and what happens. */
export function systemRoutes({ about, countImages }: SystemParts): Route[] {
  return [
    route({
      method: "GET",
      path: "/_ping",
      handle: async () => ({ kind: "text", status: 200, text: "OK", headers: NO_CACHE }),
    }),
    route({
      method: "HEAD",
      path: "/_ping",
      handle: async () => ({ kind: "empty", status: 200, headers: NO_CACHE }),
    }),
    route({ method: "GET", path: "/version", handle: async () => json(versionOf(about)) }),
    route({
      method: "GET",
      path: "/info",
      handle: async ({ session }) => {
        const all = session.containers.list();
        const count = (status: string) => all.filter(({ state }) => state.status === status).length;
        const [running, paused] = [count("running"), count("paused")];
        const counts = { containers: all.length, running, paused, stopped: all.length - running - paused };
        return json(infoOf(about, session, { ...counts, images: await countImages(session) }));
      },
    }),
    eventRoute,
  ];
}
