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
        const none = { containers: 0, running: 0, paused: 0, stopped: 0 };
        return json(infoOf(about, session, { ...none, images: await countImages(session) }));
      },
    }),
    eventRoute,
  ];
}
