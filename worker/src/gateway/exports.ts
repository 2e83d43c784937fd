import type { IncomingMessage, ServerResponse } from "node:http";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { exportPath, type SessionId, SlipwayError, sessionIdSchema } from "@slipway/protocol";
import type { Logger } from "pino";
import type { GatewayRoute, SessionFiles } from "./gateway.ts";
import { answerError, fileHeaders } from "./route-answers.ts";
import type { TicketVerifier } from "./tickets.ts";

/** Exports of all sessions at a time; each reads a disk. */
const MOST_EXPORTS = 8;
/** Of one session. */
const MOST_PER_SESSION = 2;
/** Longest time without a byte that the browser takes or the disk gives. */
const SILENCE_TIMEOUT_MS = 120_000;

export interface ExportsOptions {
  readonly tickets: TicketVerifier;
  readonly files: SessionFiles;
  readonly log: Logger;
}

/** What a session wrote, as a tar to save: `GET exportPath(session)?ticket=…`. */
export class Exports implements GatewayRoute {
  readonly #options: ExportsOptions;
  /** Sessions that are being exported, once per export. */
  readonly #running: SessionId[] = [];

  constructor(options: ExportsOptions) {
    this.#options = options;
  }

  matches(path: string): boolean {
    return path.startsWith(exportPath(""));
  }

  async request(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const session = await this.#admit(request);
      await this.#send(session, response);
    } catch (thrown) {
      const { log } = this.#options;
      log[thrown instanceof SlipwayError ? "debug" : "warn"]({ err: thrown }, "an export failed");
      answerError(response, thrown);
    }
  }

  async #admit(request: IncomingMessage): Promise<SessionId> {
    if (request.method !== "GET") throw new SlipwayError("request-invalid", "An export is fetched by GET.");
    const [path = "", query] = (request.url ?? "").split("?", 2);
    const session = sessionIdSchema.safeParse(path.slice(exportPath("").length));
    if (!session.success) throw new SlipwayError("session-missing", "This is no session's name.");
    const { grant } = await this.#options.tickets.verify(new URLSearchParams(query).get("ticket") ?? "");
    if (grant.right !== "export" || grant.session !== session.data)
      throw new SlipwayError("ticket-invalid", "The ticket is for something else.");
    return session.data;
  }

  async #send(session: SessionId, response: ServerResponse): Promise<void> {
    const ofSession = this.#running.filter((one) => one === session).length;
    if (ofSession >= MOST_PER_SESSION || this.#running.length >= MOST_EXPORTS)
      throw new SlipwayError("rate-limited", "Other exports are under way; try again when they are through.");
    this.#running.push(session);
    try {
      const files = await this.#options.files.exportChanges(session);
      await stream(files, session, response);
    } finally {
      this.#running.splice(this.#running.indexOf(session), 1);
    }
  }
}

/** A browser that goes away ends the reading; a reading that fails breaks the download off, so that nobody takes it for whole. */
async function stream(files: Readable, session: SessionId, response: ServerResponse): Promise<void> {
  if (response.destroyed) {
    files.destroy();
    return;
  }
  response.writeHead(200, fileHeaders("application/x-tar", `${session}.tar`));
  response.setTimeout(SILENCE_TIMEOUT_MS, () => response.destroy());
  await pipeline(files, response);
}
