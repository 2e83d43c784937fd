import type { IncomingMessage, ServerResponse } from "node:http";
import { type PlaygroundId, SlipwayError } from "@slipway/protocol";
import type { Person } from "../account/account.ts";
import type { Rate } from "../account/rate-limits.ts";
import type { Database } from "../db/database.ts";
import { checkPath } from "../playground/file-path.ts";
import { readContent } from "../playground/file-text.ts";
import { MAX_ZIP_BYTES, tooLarge } from "../playground/limits.ts";
import { writeZip } from "../playground/zip-export.ts";
import { unpackZip } from "../playground/zip-import.ts";
import type { Services } from "../trpc.ts";
import { answerText } from "./answers.ts";

/** Files of playgrounds as files: `/playgrounds/<id>/zip` and `/playgrounds/<id>/file?path=`. */
export const PLAYGROUNDS_PREFIX = "/playgrounds/";

/** Zips that come in at the same moment; each may take twice MAX_ZIP_BYTES of memory. */
const MOST_UPLOADS = 6;
/** Longest time of one upload. */
const UPLOAD_MS = 5 * 60_000;
/** Paths of links that an answer to an upload names. */
const MOST_SKIPPED_NAMED = 20;

export interface PlaygroundRoutesOptions {
  readonly services: Pick<Services, "accounts" | "ownership" | "playgrounds" | "rateLimits">;
  readonly database: Database;
}

type Own = { readonly id: PlaygroundId; readonly query: URLSearchParams };

/** The caller has checked the origin of what changes something. */
export class PlaygroundRoutes {
  readonly #options: PlaygroundRoutesOptions;
  #uploads = 0;

  constructor(options: PlaygroundRoutesOptions) {
    this.#options = options;
  }

  async request(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(`http://slipway.invalid${request.url ?? "/"}`);
    const [id = "", what = "", ...rest] = pathname.slice(PLAYGROUNDS_PREFIX.length).split("/");
    const method = `${request.method === "HEAD" ? "GET" : request.method} ${what}`;
    if (rest.length > 0) return answerText(response, 404, "There is nothing here.");
    response.setHeader("Cache-Control", "no-store");
    try {
      const own = { id: await this.#own(id, method, request), query: searchParams };
      if (method === "GET zip") return await this.#export(own, response);
      if (method === "GET file") return await this.#file(own, response);
      if (method === "POST zip") return await this.#import(own, request, response);
      return answerText(response, 404, "There is nothing here.");
    } catch (error) {
      if (!(error instanceof SlipwayError)) throw error;
      answerWire(response, error);
    }
  }

  /** @throws not-signed-in, playground-missing, rate-limited */
  async #own(wanted: string, method: string, request: IncomingMessage): Promise<PlaygroundId> {
    const { accounts, ownership, rateLimits } = this.#options.services;
    const person: Person | null = await accounts.identify(request.headers);
    if (!person) throw new SlipwayError("not-signed-in", "Enter first.");
    const rate: Rate = method.startsWith("POST") ? "upload" : "download";
    await rateLimits.spend(rate, person.id);
    const id = await ownership.playground(person.id, wanted);
    if (!id) throw new SlipwayError("playground-missing", "There is no such playground.");
    return id;
  }

  async #export({ id }: Own, response: ServerResponse): Promise<void> {
    const { name } = await this.#options.services.playgrounds.get(id);
    writeZipHead(response, name);
    await writeZip(this.#options.database, id, response);
  }

  async #file({ id, query }: Own, response: ServerResponse): Promise<void> {
    const path = query.get("path") ?? "";
    checkPath(path);
    const stored = await readContent(this.#options.database, id, path);
    if (!stored) throw new SlipwayError("file-missing", "There is no such file.", { params: { path } });
    response.writeHead(200, {
      // Never a type that a browser would show: the file is a stranger on our own origin.
      "content-type": "application/octet-stream",
      "content-length": stored.content.length,
      "content-disposition": attachment(path.slice(path.lastIndexOf("/") + 1)),
    });
    response.end(stored.content);
  }

  async #import({ id, query }: Own, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const folder = query.get("into") ?? "";
    if (folder !== "") checkPath(folder);
    if (this.#uploads >= MOST_UPLOADS) {
      throw new SlipwayError("rate-limited", "Too many uploads at this moment.", { params: { seconds: 5 } });
    }
    this.#uploads += 1;
    try {
      const { files, skipped } = await unpackZip(await bodyOf(request), folder);
      const saved = await this.#options.services.playgrounds.importFiles(id, files);
      const count = files.filter(({ content }) => content !== null).length;
      const body = { ...saved, files: count, skipped: skipped.slice(0, MOST_SKIPPED_NAMED) };
      answerJson(response, 200, { result: { data: body } });
    } finally {
      this.#uploads -= 1;
    }
  }
}

/** Headers of an answer that is a zip of this name. */
export function writeZipHead(response: ServerResponse, name: string): void {
  response.writeHead(200, {
    "content-type": "application/zip",
    "content-disposition": attachment(`${name}.zip`),
  });
}

/** A file that a browser keeps under this name, whatever is in it. */
function attachment(name: string): string {
  const plain = name.replace(/[^\w. -]/g, "_");
  return `attachment; filename="${plain}"; filename*=UTF-8''${encodeURIComponent(name).replace(/['()*]/g, escaped)}`;
}

const escaped = (character: string): string => `%${character.charCodeAt(0).toString(16).toUpperCase()}`;

/** @throws files-too-large, request-invalid */
function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const zipTooLarge = tooLarge("zip", MAX_ZIP_BYTES);
  if (Number(request.headers["content-length"] ?? 0) > MAX_ZIP_BYTES) return Promise.reject(zipTooLarge);
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const slow = setTimeout(() => request.destroy(new Error("An upload took too long.")), UPLOAD_MS);
    const end = (error: unknown) => {
      clearTimeout(slow);
      if (error === null) resolve(Buffer.concat(chunks));
      else reject(error);
    };
    request.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > MAX_ZIP_BYTES) {
        request.pause();
        end(zipTooLarge);
      } else chunks.push(chunk);
    });
    request.on("end", () => end(null));
    request.on("error", () => end(new SlipwayError("request-invalid", "The upload broke off.")));
  });
}

/** In the form of tRPC's answers, which the page reads already. */
function answerWire(response: ServerResponse, error: SlipwayError): void {
  const status = STATUS[error.code] ?? 400;
  // What is left of an upload is not read, so the connection is of no more use.
  answerJson(response, status, { error: { data: { slipway: error.toWire() } } }, { connection: "close" });
}

const STATUS: Partial<Record<SlipwayError["code"], number>> = {
  "not-signed-in": 401,
  "playground-missing": 404,
  "file-missing": 404,
  "files-too-large": 413,
  "rate-limited": 429,
};

function answerJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  if (response.headersSent) return void response.destroy();
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(JSON.stringify(body));
}
