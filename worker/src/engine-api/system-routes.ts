import type { SessionHost } from "../session/session-host.ts";
import { type EngineAbout, infoOf, versionOf } from "./about.ts";
import { eventRoute } from "./event-route.ts";
import { json, type Route, route } from "./route.ts";

export interface SystemParts {
  readonly about: EngineAbout;
  /** How many images a session sees. */
  readonly countImages: (session: SessionHost) => Promise<number>;
}

const PING = {
  "Cache-Control": "no-cache, no-store, must-revalidate",
  Pragma: "no-cache",
  // The classic builder; a client that hears nothing tries BuildKit's.
  "Builder-Version": "1",
  Swarm: "inactive",
};
const TEXT = { "Content-Type": "text/plain; charset=utf-8" };

/** Who answers, what it can do, and what happens. */
export function systemRoutes({ about, countImages }: SystemParts): Route[] {
  return [
    route({
      method: "GET",
      path: "/_ping",
      handle: async () => ({ kind: "text", status: 200, text: "OK", headers: PING }),
    }),
    route({
      method: "HEAD",
      path: "/_ping",
      handle: async () => ({ kind: "empty", status: 200, headers: { ...PING, ...TEXT } }),
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
