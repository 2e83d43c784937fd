import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import path from "node:path";
import type { Logger } from "pino";
import { z } from "zod";

export interface Pages {
  readonly handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
  /** Takes the upgrades of development reload. */
  readonly upgrades: Server;
  close(): Promise<void>;
}

export interface PagesOptions {
  readonly isDevelopment: boolean;
  /** Folder that holds next.config.ts, or `.next` of a build. */
  readonly directory: string;
  readonly hostname: string;
  readonly port: number;
}

/**
 * Next, which renders the pages. It adds a listener for upgrades to the server that it knows; ours decides first, so Next
 * gets one that never listens.
 */
export async function openPages(options: PagesOptions): Promise<Pages> {
  if (!options.isDevelopment) adoptBuiltConfig(options.directory);
  const { default: next } = await import("next");
  const upgrades = createServer();
  const app = next({
    dev: options.isDevelopment,
    dir: options.directory,
    hostname: options.hostname,
    port: options.port,
    httpServer: upgrades,
  });
  await app.prepare();
  const render = app.getRequestHandler();
  return { handle: (request, response) => render(request, response), upgrades, close: () => app.close() };
}

/** Time that browsers have to come back to the API before Next's code is loaded, which takes the processor for itself. */
const HEAD_START_MS = 1_000;

/**
 * Pages that are opened when somebody wants one or asks whether all is ready, otherwise a moment after the start: terminals and
 * event streams of pages that are open already come back before.
 */
export class LaterPages implements Pages {
  readonly upgrades = createServer();
  readonly #open: () => Promise<Pages>;
  readonly #log: Logger;
  readonly #timer: NodeJS.Timeout;
  #opened: Promise<Pages> | null = null;

  constructor(open: () => Promise<Pages>, log: Logger) {
    this.#open = open;
    this.#log = log;
    this.#timer = setTimeout(() => void this.trouble(), HEAD_START_MS);
    this.upgrades.on("upgrade", (request, socket, head) => {
      this.open().then(
        (pages) => pages.upgrades.emit("upgrade", request, socket, head),
        () => socket.destroy(),
      );
    });
  }

  /** Rejects when they can't be opened; the next call tries again. */
  open(): Promise<Pages> {
    clearTimeout(this.#timer);
    this.#opened ??= this.#open().catch((error: unknown) => {
      this.#opened = null;
      this.#log.error({ err: error }, "the pages can't be opened");
      throw error;
    });
    return this.#opened;
  }

  /** Opens them. Null when they are open, otherwise one sentence. */
  async trouble(): Promise<string | null> {
    const fine = await this.open().then(
      () => true,
      () => false,
    );
    return fine ? null : "The pages can't be opened; the log says why.";
  }

  readonly handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> =>
    (await this.open()).handle(request, response);

  async close(): Promise<void> {
    clearTimeout(this.#timer);
    await (await this.#opened)?.close();
  }
}

const builtSchema = z.object({ config: z.record(z.string(), z.unknown()) });

/** What Next's own standalone server does: the config comes from the build, so nothing has to compile next.config.ts. */
function adoptBuiltConfig(directory: string): void {
  const file = path.join(directory, ".next/required-server-files.json");
  const { config } = builtSchema.parse(JSON.parse(readFileSync(file, "utf8")));
  process.env.__NEXT_PRIVATE_STANDALONE_CONFIG = JSON.stringify(config);
}
