import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { SlipwayError } from "@slipway/protocol";
import type { Database } from "../db/database.ts";
import { packOf } from "../git/pack.ts";
import { FLUSH, pktLine, pktLines } from "../git/pkt-line.ts";
import { Repositories, type Repository } from "../git/repository.ts";
import { writeZip } from "../playground/zip-export.ts";
import type { OpenPlaygroundLink } from "../playground-link/playground-link.ts";
import { GIT_PREFIX, SHARED_PREFIX } from "../playground-link/playground-link-store.ts";
import type { Services } from "../trpc.ts";
import { answerText } from "./answers.ts";
import { writeZipHead } from "./playground-routes.ts";

/** Longest request of a git client, bytes unpacked: some thousand lines of what it has. */
const MAX_REQUEST_BYTES = 1024 * 1024;
/** Repositories that are read at the same moment. */
const MOST_CLONES = 4;
const SERVICE = "git-upload-pack";

export interface SharedRoutesOptions {
  readonly services: Pick<Services, "playgroundLinks" | "playgrounds" | "rateLimits">;
  readonly database: Database;
}

/**
 * What links to playgrounds open beside their page: `/given/<token>/zip`, and `/git/<token>/<name>.git` for `git clone`: the
 * smart protocol in its first version. A clone or pull gets everything in one pack. https://git-scm.com/docs/http-protocol
 */
export class SharedRoutes {
  readonly #options: SharedRoutesOptions;
  readonly #repositories: Repositories;
  #clones = 0;

  constructor(options: SharedRoutesOptions) {
    this.#options = options;
    this.#repositories = new Repositories(options.database);
  }

  matches(pathname: string): boolean {
    return (
      pathname.startsWith(GIT_PREFIX) || (pathname.startsWith(SHARED_PREFIX) && pathname.endsWith("/zip"))
    );
  }

  async request(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(`http://slipway.invalid${request.url ?? "/"}`);
    const [, place, token = "", ...rest] = pathname.split("/");
    response.setHeader("Cache-Control", "no-store");
    response.setHeader("Referrer-Policy", "no-referrer");
    const { rateLimits, playgroundLinks } = this.#options.services;
    try {
      await rateLimits.spend("link-use", request.socket.remoteAddress ?? "unknown");
    } catch (error) {
      if (!(error instanceof SlipwayError)) throw error;
      return answerText(response, 429, "Too many requests.");
    }
    const link = await playgroundLinks.open(token);
    if (!link) return answerText(response, 404, "This link is not valid.");
    const what = `${request.method} ${place === "git" ? rest.slice(1).join("/") : rest.join("/")}`;
    if (place === "given" && what === "GET zip") return this.#zip(link, response);
    if (this.#clones >= MOST_CLONES) return answerText(response, 503, "Too many clones at this moment.");
    this.#clones += 1;
    try {
      if (what === "GET info/refs" && searchParams.get("service") === SERVICE) {
        return await this.#refs(link, response);
      }
      if (what === `POST ${SERVICE}`) return await this.#pack(link, request, response);
      return answerText(response, 403, "Only git clone, fetch and pull are possible here.");
    } finally {
      this.#clones -= 1;
    }
  }

  async #zip({ playgroundId }: OpenPlaygroundLink, response: ServerResponse): Promise<void> {
    const { name } = await this.#options.services.playgrounds.get(playgroundId);
    writeZipHead(response, name);
    await writeZip(this.#options.database, playgroundId, response);
  }

  async #refs(link: OpenPlaygroundLink, response: ServerResponse): Promise<void> {
    const { head } = await this.#repository(link);
    response.writeHead(200, { "content-type": `application/x-${SERVICE}-advertisement` });
    const capabilities = "symref=HEAD:refs/heads/main agent=slipway";
    const refs =
      head === null
        ? pktLine(`${"0".repeat(40)} capabilities^{}\0${capabilities}\n`)
        : pktLine(`${head} HEAD\0${capabilities}\n`) + pktLine(`${head} refs/heads/main\n`);
    response.end(`${pktLine(`# service=${SERVICE}\n`)}${FLUSH}${refs}${FLUSH}`);
  }

  async #pack(link: OpenPlaygroundLink, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bodyOf(request);
    const lines = body && pktLines(body);
    if (!lines) return answerText(response, 400, "This is no request of a git client.");
    response.writeHead(200, { "content-type": `application/x-${SERVICE}-result` });
    // Without a common commit a client tells more and more of what it has, until it is done.
    if (!lines.includes("done")) return void response.end(pktLine("NAK\n"));
    const repository = await this.#repository(link);
    const wants = lines.filter((line) => line.startsWith("want ")).map((line) => line.slice(5, 45));
    if (wants.some((want) => want !== repository.head)) {
      return void response.end(pktLine("ERR The files have changed meanwhile. Try again.\n"));
    }
    await pipeline(Readable.from(answerOf(repository)), response);
  }

  #repository({ playgroundId, history }: OpenPlaygroundLink): Promise<Repository> {
    return this.#repositories.open(playgroundId, history);
  }
}

async function* answerOf(repository: Repository): AsyncGenerator<Buffer, void> {
  yield Buffer.from(pktLine("NAK\n"));
  yield* packOf(repository.count, repository.objects());
}

/** The body of a git client's request, which may be compressed; null when it is too long or broken. */
async function bodyOf(request: IncomingMessage): Promise<Buffer | null> {
  const stream = request.headers["content-encoding"] === "gzip" ? request.pipe(createGunzip()) : request;
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of stream) {
      bytes += (chunk as Buffer).length;
      if (bytes > MAX_REQUEST_BYTES) return null;
      chunks.push(chunk as Buffer);
    }
  } catch {
    return null;
  }
  return Buffer.concat(chunks);
}
