import { chmod, chown, rm } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { type Digest, type SessionHostView, type SessionId, SlipwayError } from "@slipway/protocol";
import type { Logger } from "pino";
import { engineSocket, makeEngineDirectory } from "../session/engine-door.ts";
import type { SessionHost } from "../session/session-host.ts";
import type { EngineApi } from "./engine-api.ts";
import { EngineServer, type Patience } from "./engine-server.ts";
import type { Route } from "./route.ts";
import { Router } from "./router.ts";

export interface EnginesOptions {
  /** The worker's directory, in which sessions have their sockets. */
  readonly directory: string;
  readonly routes: readonly Route[];
  /** What is kept of each session while it is served. */
  readonly keepers: readonly SessionKeeper[];
  /** What docker has made in a session. */
  readonly view: EngineApi["view"];
  readonly manifest: EngineApi["manifest"];
  readonly log: Logger;
  /** With clients; PATIENCE by default. */
  readonly patience?: Patience | undefined;
}

/** Keeps something of each session: opened before the first request is answered, let go after the last one. */
export interface SessionKeeper {
  begin(session: SessionHost): Promise<unknown>;
  /** A session that is not known is no error. */
  end(session: SessionId): Promise<void>;
}

/** A server per session, all with the same routes. */
export class SessionEngines implements EngineApi {
  readonly #options: EnginesOptions;
  readonly #router: Router;
  readonly #servers = new Map<SessionId, Promise<EngineServer>>();

  constructor(options: EnginesOptions) {
    this.#options = options;
    this.#router = new Router(options.routes);
  }

  async serve(session: SessionHost): Promise<void> {
    let server = this.#servers.get(session.id);
    if (!server) {
      server = this.#open(session);
      this.#servers.set(session.id, server);
      server.catch(() => this.#servers.delete(session.id));
    }
    await server;
  }

  async #open(session: SessionHost): Promise<EngineServer> {
    const { directory, keepers, log, patience } = this.#options;
    const server = new EngineServer(session, this.#router, log, patience);
    try {
      for (const keeper of keepers) await keeper.begin(session);
      await makeEngineDirectory(directory, session.place);
      const socket = engineSocket(directory, session.place);
      await rm(socket, { force: true });
      await server.listen(socket);
      await chown(socket, session.ids.firstHostId, session.ids.firstHostId);
      // Whoever is in the session is the person whose session it is, as whichever user.
      await chmod(socket, 0o666);
      return server;
    } catch (error) {
      for (const keeper of keepers) await keeper.end(session.id);
      throw error;
    }
  }

  async request(id: SessionId, request: IncomingMessage, response: ServerResponse): Promise<void> {
    (await this.#served(id)).take(request, response);
  }

  async upgrade(id: SessionId, request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    (await this.#served(id)).takeUpgrade(request, socket as Socket, head);
  }

  async #served(id: SessionId): Promise<EngineServer> {
    const server = await this.#servers.get(id)?.catch(() => null);
    if (server) return server;
    throw new SlipwayError("session-not-running", "The session does not run.");
  }

  async view(session: SessionHost): Promise<SessionHostView> {
    return await this.#options.view(session);
  }

  async manifest(session: SessionHost, imageId: Digest): Promise<Digest> {
    return await this.#options.manifest(session, imageId);
  }

  async end(session: SessionId): Promise<void> {
    const server = await this.#servers.get(session)?.catch(() => null);
    this.#servers.delete(session);
    await server?.close();
    for (const keeper of this.#options.keepers) await keeper.end(session);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#servers.keys()].map((session) => this.end(session)));
  }
}
