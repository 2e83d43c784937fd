import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import next from "next";

export interface Pages {
  readonly handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
  /** Takes the upgrades of development reload. */
  readonly upgrades: Server;
  close(): Promise<void>;
}

/**
 * Next, which renders the pages. It adds a listener for upgrades to the server that it knows; ours decides first, so Next
 * gets one that never listens.
 */
export async function openPages(options: {
  readonly isDevelopment: boolean;
  /** Folder that holds next.config.ts, or the built pages. */
  readonly directory: string;
  readonly hostname: string;
  readonly port: number;
}): Promise<Pages> {
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
