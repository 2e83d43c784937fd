import { EngineError, type ErrorStatus } from "./engine-error.ts";
import { json, type Method, type Route, route } from "./route.ts";

/* What a session as a Docker host is not: part of a swarm, or extended by plugins. Clients tell these answers from a defect. */

const NOT_A_MANAGER =
  'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect this node to swarm and try again.';
const OF_MANAGERS: readonly (readonly [Method, string])[] = [
  ["GET", "/swarm"],
  ["POST", "/swarm/update"],
  ["GET", "/swarm/unlockkey"],
  ["POST", "/swarm/unlock"],
  ["GET", "/tasks"],
  ["GET", "/tasks/{id}"],
  ["GET", "/tasks/{id}/logs"],
  ["GET", "/services/{id}/logs"],
  ...["nodes", "services", "secrets", "configs"].flatMap((kind): [Method, string][] => [
    ["GET", `/${kind}`],
    ["POST", `/${kind}/create`],
    ["GET", `/${kind}/{id}`],
    ["DELETE", `/${kind}/{id}`],
    ["POST", `/${kind}/{id}/update`],
  ]),
];
const NO_SWARM = "A session is one Docker host alone, and can't be part of a swarm.";
const NO_PLUGINS = "Plugins of Docker are not allowed in a session.";

function refusal(method: Method, path: string, status: ErrorStatus, sentence: string): Route {
  return route({
    method,
    path,
    handle: () => Promise.reject(new EngineError(status, sentence)),
  });
}

const missingPlugin = (method: Method, path: string): Route =>
  route({
    method,
    path,
    handle: ({ params }) =>
      Promise.reject(new EngineError(404, `plugin "${(params.name ?? "").slice(0, 256)}" not found`)),
  });

/** `docker swarm`, `node`, `service`, `secret` and `config`, and `docker plugin`. */
export const swarmRoutes: readonly Route[] = [
  ...OF_MANAGERS.map(([method, path]) => refusal(method, path, 503, NOT_A_MANAGER)),
  refusal("POST", "/swarm/init", 403, NO_SWARM),
  refusal("POST", "/swarm/join", 403, NO_SWARM),
  refusal("POST", "/swarm/leave", 503, "This node is not part of a swarm"),
  route({ method: "GET", path: "/plugins", handle: async () => json([]) }),
  refusal("GET", "/plugins/privileges", 403, NO_PLUGINS),
  refusal("POST", "/plugins/pull", 403, NO_PLUGINS),
  refusal("POST", "/plugins/create", 403, NO_PLUGINS),
  missingPlugin("GET", "/plugins/{name*}/json"),
  missingPlugin("DELETE", "/plugins/{name*}"),
  ...["enable", "disable", "set", "push", "upgrade"].map((what) =>
    missingPlugin("POST", `/plugins/{name*}/${what}`),
  ),
];
