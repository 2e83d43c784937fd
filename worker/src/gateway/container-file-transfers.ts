import type { IncomingMessage, ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import {
  filesPath,
  MAX_UPLOAD_BYTES,
  type SessionId,
  SlipwayError,
  sessionIdSchema,
  terminalIdSchema,
} from "@slipway/protocol";
import type { Logger } from "pino";
import { nameOf } from "../layer/name-bytes.ts";
import type { ContainerFiles } from "../session/files/container-files.ts";
import type { ContainerFilesDirectory, GatewayRoute } from "./gateway.ts";
import { answerError, fileHeaders } from "./route-answers.ts";
import type { TicketVerifier } from "./tickets.ts";

/** Transfers of all sessions at a time; each reads or writes a disk. */
const MOST_TRANSFERS = 24;
/** Of one session: a page sends one file after the other. */
const MOST_PER_SESSION = 4;
/** Longest time without a byte from or to the browser. */
const SILENCE_TIMEOUT_MS = 60_000;

export interface ContainerFileTransfersOptions {
  readonly tickets: TicketVerifier;
  readonly files: ContainerFilesDirectory;
  readonly log: Logger;
}

interface Transfer {
  readonly session: SessionId;
  readonly stop: AbortController;
}

/** Files of containers for browsers: `filesPath` of protocol says which requests there are. */
export class ContainerFileTransfers implements GatewayRoute {
  readonly #options: ContainerFileTransfersOptions;
  readonly #running = new Set<Transfer>();

  constructor(options: ContainerFileTransfersOptions) {
    this.#options = options;
  }

  matches(path: string): boolean {
    return path.startsWith(filesPath(""));
  }

  /** Breaks off what goes on with a session: nothing of ours may hold its disk. */
  end(session: SessionId): void {
    for (const transfer of this.#running)
      if (transfer.session === session) transfer.stop.abort(sessionOver());
  }

  async request(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const { session, query } = await this.#admit(request);
      await this.#during(session, (signal) => this.#answer(session, query, signal, request, response));
    } catch (thrown) {
      const { log } = this.#options;
      log[thrown instanceof SlipwayError ? "debug" : "warn"]({ err: thrown }, "files of a container");
      answerError(response, thrown);
    }
  }

  async #admit(request: IncomingMessage): Promise<{ session: SessionId; query: Query }> {
    const [path = "", search = ""] = (request.url ?? "").split("?", 2);
    const session = sessionIdSchema.safeParse(path.slice(filesPath("").length));
    if (!session.success) throw new SlipwayError("session-missing", "This is no session's name.");
    const query = readQuery(search);
    const bearer = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? "")?.[1];
    const { grant } = await this.#options.tickets.verify(bearer ?? query.get("ticket") ?? "");
    if (grant.right !== "files" || grant.session !== session.data)
      throw new SlipwayError("ticket-invalid", "The ticket is for something else.");
    return { session: session.data, query };
  }

  async #during(session: SessionId, work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const ofSession = [...this.#running].filter((one) => one.session === session).length;
    if (ofSession >= MOST_PER_SESSION || this.#running.size >= MOST_TRANSFERS)
      throw new SlipwayError(
        "rate-limited",
        "Other transfers are under way; try again when they are through.",
      );
    const transfer = { session, stop: new AbortController() };
    this.#running.add(transfer);
    try {
      await work(transfer.stop.signal);
    } finally {
      this.#running.delete(transfer);
    }
  }

  async #answer(
    session: SessionId,
    query: Query,
    signal: AbortSignal,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const files = this.#options.files.containerFiles(session);
    const path = query.get("path");
    if (request.method === "PUT") {
      if (path === undefined) throw new SlipwayError("request-invalid", "An upload names its path.");
      await write(files, path, query.has("directory"), request, signal);
      response.writeHead(204, { "cache-control": "no-store" }).end();
      return;
    }
    if (request.method !== "GET") throw new SlipwayError("request-invalid", "Files are fetched by GET.");
    if (query.has("download")) return send(files, path ?? "/", query.has("check"), response, signal);
    const terminal = terminalIdSchema.safeParse(query.get("terminal"));
    const where =
      path ?? (await this.#options.files.currentDirectory(session, terminal.success ? terminal.data : null));
    const listing = await files.list(where);
    response.writeHead(200, { ...fileHeaders("application/json", "listing.json") });
    response.end(JSON.stringify(listing));
  }
}

async function write(
  files: ContainerFiles,
  path: string,
  isDirectory: boolean,
  request: IncomingMessage,
  signal: AbortSignal,
): Promise<void> {
  if (isDirectory) return files.makeDirectory(path);
  const length = Number(request.headers["content-length"] ?? Number.NaN);
  if (!Number.isSafeInteger(length))
    throw new SlipwayError("request-invalid", "An upload says how long it is.");
  request.setTimeout(SILENCE_TIMEOUT_MS, () => request.destroy());
  const stop = () => request.destroy(signal.reason);
  signal.addEventListener("abort", stop, { once: true });
  try {
    await files.write(path, request, { sizeBytes: length, maxBytes: MAX_UPLOAD_BYTES });
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

async function send(
  files: ContainerFiles,
  path: string,
  onlyChecks: boolean,
  response: ServerResponse,
  signal: AbortSignal,
): Promise<void> {
  const { kind, name, sizeBytes, content } = await files.read(path);
  if (onlyChecks || response.destroyed) {
    content.destroy();
    if (onlyChecks) response.writeHead(204, { "cache-control": "no-store" }).end();
    return;
  }
  const shown = kind === "tar" ? `${name}.tar` : name;
  const headers = fileHeaders(kind === "tar" ? "application/x-tar" : "application/octet-stream", shown);
  // Names as they are for browsers that know them so (RFC 6266); hostile ones are cut to what can be in a header.
  headers["content-disposition"] +=
    `; filename*=UTF-8''${encodeURIComponent(Buffer.from(shown).toString()).replace(/['()*]/g, escape)}`;
  response.writeHead(200, { ...headers, ...(sizeBytes === null ? {} : { "content-length": sizeBytes }) });
  response.setTimeout(SILENCE_TIMEOUT_MS, () => response.destroy());
  await pipeline(content, response, { signal });
}

const escape = (character: string): string => `%${character.charCodeAt(0).toString(16).toUpperCase()}`;

const sessionOver = () => new SlipwayError("session-not-running", "The session ends.");

type Query = ReadonlyMap<string, string>;

/** The query of a request, its values byte by byte: paths need not be UTF-8. */
export function readQuery(search: string): Query {
  const query = new Map<string, string>();
  for (const pair of search.split("&")) {
    const [key = "", value = ""] = pair.split("=", 2);
    query.set(key, nameOf(percentDecoded(value)));
  }
  return query;
}

function percentDecoded(text: string): Uint8Array {
  const source = Buffer.from(text, "utf8");
  const bytes = Buffer.alloc(source.byteLength);
  let length = 0;
  for (let at = 0; at < source.byteLength; at += 1) {
    const digits = source[at] === 0x25 ? source.toString("latin1", at + 1, at + 3) : "";
    const isEscape = /^[0-9a-f]{2}$/i.test(digits);
    bytes[length++] = isEscape ? Number.parseInt(digits, 16) : (source[at] ?? 0);
    if (isEscape) at += 2;
  }
  return bytes.subarray(0, length);
}
