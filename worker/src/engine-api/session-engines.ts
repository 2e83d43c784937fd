import { chmod, chown, rm } from "node:fs/promises";
import type { SessionId } from "@slipway/protocol";
import type { Logger } from "pino";
import { engineSocket, makeEngineDirectory } from "../session/engine-door.ts";
import type { SessionHost } from "../session/session-host.ts";
import type { EngineApi } from "./engine-api.ts";
import { EngineServer } from "./engine-server.ts";
import type { Route } from "./route.ts";
import { Router } from "./router.ts";

export interface EnginesOptions {
  /** The worker's directory, in which sessions have their sockets. */
  readonly directory: string;
  readonly routes: readonly Route[];
  readonly log: Logger;
}

/** A server per session, all with the same routes. */
export class SessionEngines implements EngineApi {
  readonly #options: EnginesOptions;
  readonly #router: Router;
  readonly #servers = new Map<SessionId, EngineServer>();

  constructor(options: EnginesOptions) {
    this.#options = options;
    this.#router = new Router(options.routes);
  }

  async serve(session: SessionHost): Promise<void> {
    if (this.#servers.has(session.id)) return;
    const { directory, log } = this.#options;
    const server = new EngineServer(session, this.#router, log);
    this.#servers.set(session.id, server);
    try {
      await makeEngineDirectory(directory, session.place);
      const socket = engineSocket(directory, session.place);
      await rm(socket, { force: true });
      await server.listen(socket);
      await chown(socket, session.ids.firstHostId, session.ids.firstHostId);
      // Whoever is in the session is the person whose session it is, as whichever user.
      await chmod(socket, 0o666);
    } catch (error) {
      this.#servers.delete(session.id);
      throw error;
    }
  }

  async end(session: SessionId): Promise<void> {
    const server = this.#servers.get(session);
    this.#servers.delete(session);
    await server?.close();
  }

  async close(): Promise<void> {
    await Promise.all([...this.#servers.keys()].map((session) => this.end(session)));
  }
}
