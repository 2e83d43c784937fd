import { DOCKER_PREFIX, type SessionId, ticketGrantSchema } from "@slipway/protocol";
import { decodeJwt } from "jose";
import type { Database } from "../db/database.ts";
import type { Signals } from "../signals.ts";

/**
 * Which docker addresses are good still. The ticket in an address is the worker's to check; here it is only looked at whether the
 * session's owner has taken it back. A ticket that somebody changes to pass here is none there.
 */
export class DockerAddresses {
  readonly #database: Database;
  readonly #signals: Signals;

  constructor(database: Database, signals: Signals) {
    this.#database = database;
    this.#signals = signals;
  }

  /** True where the ticket in the path is of those that were not taken back. */
  async isGood(session: SessionId, path: string): Promise<boolean> {
    const generation = generationIn(path);
    if (generation === null) return false;
    const where = { id: session };
    const row = await this.#database.session.findUnique({ where, select: { dockerAddresses: true } });
    return row?.dockerAddresses === generation;
  }

  /** Calls `end` when the address is taken back, while `use` is not aborted. */
  async follow(session: SessionId, path: string, use: AbortSignal, end: () => void): Promise<void> {
    for await (const _ of this.#signals.watch(session, use)) {
      if (!(await this.isGood(session, path))) return end();
    }
  }
}

/** Null for what is no ticket of docker. */
function generationIn(path: string): number | null {
  const [, ticket = ""] = path.slice(DOCKER_PREFIX.length + 1).split("/");
  try {
    const grant = ticketGrantSchema.parse(decodeJwt(ticket));
    return grant.right === "docker" ? (grant.generation ?? 0) : null;
  } catch {
    return null;
  }
}
