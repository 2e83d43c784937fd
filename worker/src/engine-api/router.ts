import { EngineError } from "./engine-error.ts";
import type { ApiVersion, Route } from "./route.ts";

/** What `/version` promises, and the oldest that is still answered. */
export const API_VERSION = "1.45";
export const OLDEST_VERSION = "1.24";

export interface Found {
  readonly route: Route;
  readonly params: Readonly<Record<string, string>>;
  readonly version: ApiVersion;
}

/** Which route a method and a path mean. Throws 400 for versions that are not spoken, 404 where there is none. */
export class Router {
  readonly #routes: readonly (Route & { readonly pattern: RegExp })[];

  constructor(routes: readonly Route[]) {
    this.#routes = routes.map((route) => ({ ...route, pattern: patternOf(route.path) }));
  }

  find(method: string, path: string): Found {
    const { version, rest } = splitVersion(path);
    const found = this.#match(method, rest) ?? (method === "HEAD" ? this.#match("GET", rest) : null);
    if (found) return { ...found, version };
    throw new EngineError(404, "page not found");
  }

  #match(method: string, path: string): Omit<Found, "version"> | null {
    for (const route of this.#routes) {
      if (route.method !== method) continue;
      const groups = route.pattern.exec(path)?.groups;
      if (groups) return { route, params: decoded(groups) };
    }
    return null;
  }
}

function patternOf(path: string): RegExp {
  const source = path
    .replaceAll(/[.]/g, "\\.")
    .replaceAll(/\{(\w+)\*\}/g, "(?<$1>.+)")
    .replaceAll(/\{(\w+)\}/g, "(?<$1>[^/]+)");
  // An empty name, so that a path without braces has groups too.
  return new RegExp(`^${source}(?<_>)$`);
}

function decoded(groups: Readonly<Record<string, string>>): Record<string, string> {
  try {
    return Object.fromEntries(Object.entries(groups).map(([name, text]) => [name, decodeURIComponent(text)]));
  } catch {
    throw new EngineError(400, "The path is not encoded as a URL.");
  }
}

function splitVersion(path: string): { version: ApiVersion; rest: string } {
  const newest = parseVersion(API_VERSION);
  const match = /^\/v([0-9]{1,3}\.[0-9]{1,3})(\/.*)$/.exec(path);
  if (match?.[1] === undefined || match[2] === undefined) return { version: newest, rest: path };
  const version = parseVersion(match[1]);
  if (isBefore(version, parseVersion(OLDEST_VERSION))) {
    throw new EngineError(
      400,
      `client version ${match[1]} is too old. Minimum supported API version is ${OLDEST_VERSION}, please upgrade your client to a newer version`,
    );
  }
  if (isBefore(newest, version)) {
    throw new EngineError(
      400,
      `client version ${match[1]} is too new. Maximum supported API version is ${API_VERSION}`,
    );
  }
  return { version, rest: match[2] };
}

function parseVersion(text: string): ApiVersion {
  const [major, minor] = text.split(".");
  return { major: Number(major), minor: Number(minor) };
}

const isBefore = (a: ApiVersion, b: ApiVersion): boolean =>
  a.major < b.major || (a.major === b.major && a.minor < b.minor);

/** True for clients that speak this version of the API or a later one. */
export const atLeast = (version: ApiVersion, wanted: string): boolean =>
  !isBefore(version, parseVersion(wanted));
