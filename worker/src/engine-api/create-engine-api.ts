import type { Logger } from "pino";
import type { EngineAbout } from "./about.ts";
import type { EngineApi } from "./engine-api.ts";
import { SessionEngines } from "./session-engines.ts";
import { systemRoutes } from "./system-routes.ts";

export interface EngineApiParts {
  /** The worker's directory. */
  readonly directory: string;
  readonly about: EngineAbout;
  readonly log: Logger;
}

export function createEngineApi({ directory, about, log }: EngineApiParts): EngineApi {
  const routes = [...systemRoutes({ about, countImages: async () => 0 })];
  return new SessionEngines({ directory, routes, log });
}
