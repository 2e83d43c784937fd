import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import path from "node:path";
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

const builtSchema = z.object({ config: z.record(z.string(), z.unknown()) });

/** What Next's own standalone server does: the config comes from the build, so nothing has to compile next.config.ts. */
function adoptBuiltConfig(directory: string): void {
  const file = path.join(directory, ".next/required-server-files.json");
  const { config } = builtSchema.parse(JSON.parse(readFileSync(file, "utf8")));
  process.env.__NEXT_PRIVATE_STANDALONE_CONFIG = JSON.stringify(config);
}
