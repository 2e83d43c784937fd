import type { IncomingMessage, ServerResponse } from "node:http";
import { buildContextPath, buildIdSchema } from "@slipway/protocol";
import { bearerToken, isSameSecret } from "../agents/secrets.ts";
import { listContext, writeContextTar } from "../build/build-context.ts";
import type { Database } from "../db/database.ts";
import { answerText } from "./answers.ts";

export const CONTEXTS_PREFIX = buildContextPath("");

/** Serves build contexts to workers as tar streams. */
export function createContextsHandler(database: Database, joinToken: string) {
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const given = bearerToken(request.headers.authorization);
    if (given === null || !isSameSecret(given, joinToken)) {
      return answerText(response, 401, "The join token is wrong or missing.");
    }
    if (request.method !== "GET") return answerText(response, 405, "Only GET is possible here.");
    const { pathname } = new URL(request.url ?? "/", "http://slipway.invalid");
    const id = buildIdSchema.safeParse(pathname.slice(CONTEXTS_PREFIX.length));
    const files = id.success ? await listContext(database, id.data) : null;
    if (!id.success || !files)
      return answerText(response, 404, "There is no context of a build of this name under way.");
    response.writeHead(200, { "content-type": "application/x-tar", "cache-control": "no-store" });
    await writeContextTar(database, id.data, files, response);
  };
}
