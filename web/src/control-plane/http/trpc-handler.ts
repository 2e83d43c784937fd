import type { IncomingMessage, ServerResponse } from "node:http";
import { type NodeHTTPCreateContextFnOptions, nodeHTTPRequestHandler } from "@trpc/server/adapters/node-http";
import type { Logger } from "pino";
import type { Person } from "../account/account.ts";
import { appRouter } from "../router.ts";
import type { RequestContext, Services } from "../trpc.ts";

export const TRPC_PATH = "/trpc";
/** Largest body of one request: the largest file as JSON, escapes included, and some. */
export const MAX_BODY_BYTES = 4 * 1024 * 1024;

/** Serves the router on plain Node. The caller has checked the origin of what changes something. */
export function createTrpcHandler(services: Services, log: Logger) {
  const createContext = ({
    req,
    res,
  }: NodeHTTPCreateContextFnOptions<IncomingMessage, ServerResponse>): RequestContext => {
    let person: Promise<Person | null> | null = null;
    return {
      services,
      headers: req.headers,
      address: req.socket.remoteAddress ?? "unknown",
      identify: () => {
        person ??= services.accounts.identify(req.headers);
        return person;
      },
      setCookies: (values) => res.appendHeader("Set-Cookie", values),
    };
  };
  return (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { pathname } = new URL(request.url ?? "/", "http://slipway.invalid");
    return nodeHTTPRequestHandler({
      router: appRouter,
      req: request,
      res: response,
      path: pathname.slice(TRPC_PATH.length + 1),
      createContext,
      maxBodySize: MAX_BODY_BYTES,
      onError: ({ error, path }) => {
        if (error.code !== "INTERNAL_SERVER_ERROR") return;
        log.error({ err: error.cause ?? error, procedure: path }, "a procedure failed");
      },
    });
  };
}
