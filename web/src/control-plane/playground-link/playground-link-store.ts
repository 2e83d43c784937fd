import { setTimeout as sleep } from "node:timers/promises";
import { type PlaygroundId, playgroundIdSchema, SlipwayError } from "@slipway/protocol";
import type { Database } from "../db/database.ts";
import { newLinkId } from "../ids.ts";
import { isToken, newToken, tokenDigest } from "../link/tokens.ts";
import type { Playgrounds } from "../playground/playground.ts";
import {
  MAX_PLAYGROUND_LINKS,
  type OpenPlaygroundLink,
  type PlaygroundLinks,
  type PlaygroundLinkView,
} from "./playground-link.ts";

/** Where links lead: the page, and the repository. */
export const SHARED_PREFIX = "/given/";
export const GIT_PREFIX = "/git/";
/** A token that opens nothing is told so after this time, whatever the reason; far more than the look takes. */
const REFUSAL_MS = 150;

export interface PlaygroundLinksOptions {
  readonly database: Database;
  readonly playgrounds: Playgrounds;
  readonly publicUrl: string;
}

export function createPlaygroundLinks(options: PlaygroundLinksOptions): PlaygroundLinks {
  const { database, playgrounds, publicUrl } = options;

  const open = async (token: string): Promise<OpenPlaygroundLink | null> => {
    const refused = sleep(REFUSAL_MS);
    const where = { tokenDigest: tokenDigest(token.slice(0, 64)) };
    const row = await database.playgroundLink.findUnique({ where });
    if (isToken(token) && row && row.revokedAt === null) {
      return { playgroundId: playgroundIdSchema.parse(row.playgroundId), history: row.history };
    }
    await refused;
    return null;
  };
  const opened = async (token: string): Promise<PlaygroundId> => {
    const link = await open(token);
    if (!link) throw new SlipwayError("link-missing", "This link is not valid any more.");
    return link.playgroundId;
  };

  return {
    async create(id, history) {
      const valid = await database.playgroundLink.count({ where: { playgroundId: id, revokedAt: null } });
      if (valid >= MAX_PLAYGROUND_LINKS) {
        throw new SlipwayError("link-limit", "The playground has as many links as it may.", {
          params: { limit: MAX_PLAYGROUND_LINKS },
        });
      }
      const token = newToken();
      const { name } = await database.playground.findUniqueOrThrow({ where: { id } });
      const row = await database.playgroundLink.create({
        data: { id: newLinkId(), playgroundId: id, tokenDigest: tokenDigest(token), history },
      });
      return {
        ...viewOf(row),
        url: new URL(`${SHARED_PREFIX}${token}`, publicUrl).href,
        cloneUrl: new URL(`${GIT_PREFIX}${token}/${repositoryName(name)}.git`, publicUrl).href,
      };
    },

    async list(id) {
      const rows = await database.playgroundLink.findMany({
        where: { playgroundId: id, revokedAt: null },
        orderBy: { createdAt: "desc" },
        take: MAX_PLAYGROUND_LINKS,
      });
      return rows.map(viewOf);
    },

    async revoke(id, linkId) {
      const where = { id: linkId, playgroundId: id, revokedAt: null };
      await database.playgroundLink.updateMany({ where, data: { revokedAt: new Date() } });
    },

    open,

    async view(token) {
      const { name, savedAt, files } = await playgrounds.get(await opened(token));
      return { name, savedAt, files };
    },

    readText: async (token, path) => playgrounds.readText(await opened(token), path),

    fork: async (token, ownerId) => playgrounds.fork(await opened(token), ownerId),
  };
}

/** What `git clone` names the folder by. */
const repositoryName = (name: string): string =>
  name.replace(/[^\w.-]+/g, "-").replace(/^[-.]+|[-.]+$/g, "") || "playground";

const viewOf = (row: {
  readonly id: string;
  readonly history: boolean;
  readonly createdAt: Date;
}): PlaygroundLinkView => ({ id: row.id, history: row.history, createdAt: row.createdAt.getTime() });
