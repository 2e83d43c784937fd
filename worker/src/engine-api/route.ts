import type { IncomingMessage } from "node:http";
import type { Duplex, Readable } from "node:stream";
import type { z } from "zod";
import type { SessionHost } from "../session/session-host.ts";

/** What a handler knows of whom it serves: one session, and nothing of any other. */
export interface EngineContext {
  readonly session: SessionHost;
}

/** One request, parsed. */
export interface Call<Query, Body> extends EngineContext {
  /** The parts of the path in braces, decoded. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: Query;
  readonly body: Body;
  /** The body as it comes, for routes without a schema of it. */
  readonly stream: Readable;
  readonly headers: IncomingMessage["headers"];
  /** Of the path, such as 1.41. */
  readonly version: ApiVersion;
  /** Aborted when the client is gone. */
  readonly gone: AbortSignal;
  /** Takes the connection over. */
  hijack(): Hijacked;
}

export interface ApiVersion {
  readonly major: number;
  readonly minor: number;
}

/** A connection that has been a request. */
export interface Hijacked {
  /**
   * Sends the head and gives the raw connection: what is read is stdin, and ends when the client closes its half.
   * `multiplexed`: output is going to be framed.
   */
  begin(multiplexed: boolean): Duplex;
  /** The same as a WebSocket, whose messages are pieces of what is read and written. @throws EngineError 400 for no handshake */
  beginWebSocket(): Promise<Duplex>;
}

/** What a client is answered. */
export type Answer =
  | { readonly kind: "json"; readonly status: number; readonly value: unknown }
  | { readonly kind: "empty"; readonly status: number; readonly headers?: Readonly<Record<string, string>> }
  | {
      readonly kind: "text";
      readonly status: number;
      readonly text: string;
      readonly headers?: Readonly<Record<string, string>>;
    }
  /** A body that is sent as it comes; the head leaves at once. */
  | {
      readonly kind: "stream";
      readonly status: number;
      readonly type: string;
      readonly body: Readable;
      readonly headers?: Readonly<Record<string, string>>;
    }
  /** The handler took the connection over and is done with it. */
  | { readonly kind: "hijacked" };

export const json = (value: unknown, status = 200): Answer => ({ kind: "json", status, value });
export const noContent: Answer = { kind: "empty", status: 204 };
export const hijacked: Answer = { kind: "hijacked" };

export type Method = "GET" | "HEAD" | "POST" | "PUT" | "DELETE";

export interface RouteDefinition<Query extends z.ZodType, Body extends z.ZodType> {
  readonly method: Method;
  /** `/containers/{id}/json`; `{name*}` takes slashes too. */
  readonly path: string;
  readonly query?: Query;
  /** Schema of a JSON body; without one the body is left in `stream`. */
  readonly body?: Body;
  handle(call: Call<z.output<Query>, z.output<Body>>): Promise<Answer>;
}

/** A route whose types have been forgotten. */
export interface Route {
  readonly method: Method;
  readonly path: string;
  readonly query: z.ZodType | undefined;
  readonly body: z.ZodType | undefined;
  handle(call: Call<unknown, unknown>): Promise<Answer>;
}

export function route<Query extends z.ZodType = z.ZodUnknown, Body extends z.ZodType = z.ZodUnknown>(
  definition: RouteDefinition<Query, Body>,
): Route {
  const { method, path, query, body } = definition;
  // The server parses with these very schemas before it calls.
  const handle = definition.handle.bind(definition) as Route["handle"];
  return { method, path, query, body, handle };
}
