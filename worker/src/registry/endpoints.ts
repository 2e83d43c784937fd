import type { Endpoint } from "./registry.ts";

/** The registry that has the images of `docker.io`. */
const DOCKER_HUB = "registry-1.docker.io";

export interface RegistrySettings {
  /** Mirrors by domain, in the order in which they are asked. */
  readonly mirrors: ReadonlyMap<string, readonly URL[]>;
  /** Registries that are asked over plain http. */
  readonly insecure: ReadonlySet<string>;
  /** Hosts of registries, token servers and blob stores that may lie at private addresses. */
  readonly private: ReadonlySet<string>;
}

/** Where to ask for the images of a domain: the mirrors in their order, then the registry itself. */
export function endpointsOf(domain: string, settings: RegistrySettings): readonly [Endpoint, ...Endpoint[]] {
  const mirrors = (settings.mirrors.get(domain) ?? []).map((url) => mirrorOf(domain, url));
  const [first, ...rest] = [...mirrors, originOf(domain, settings)];
  return first ? [first, ...rest] : [originOf(domain, settings)];
}

/** The registry itself, to which images are pushed. */
export function originOf(domain: string, settings: RegistrySettings): Endpoint {
  const scheme = settings.insecure.has(domain) ? "http" : "https";
  const host = domain === "docker.io" ? DOCKER_HUB : domain;
  return { domain, origin: new URL(`${scheme}://${host}`), prefix: "", mirror: false, credential: null };
}

function mirrorOf(domain: string, url: URL): Endpoint {
  const path = url.pathname.replace(/^\/+|\/+$/g, "");
  const credential =
    url.username === ""
      ? null
      : { username: decodeURIComponent(url.username), password: decodeURIComponent(url.password) };
  return {
    domain,
    origin: new URL(url.origin),
    prefix: path === "" ? "" : `${path}/`,
    mirror: true,
    credential,
  };
}

/** Hosts (`name:port`) that the operator named: they may have any address. */
export function trustedHosts(settings: RegistrySettings): ReadonlySet<string> {
  const mirrors = [...settings.mirrors.values()].flat().map((url) => withPort(url));
  const insecure = [...settings.insecure].map((host) => withPort(new URL(`http://${host}`)));
  const named = [...settings.private].map((host) => withPort(new URL(`https://${host}`)));
  return new Set([...mirrors, ...insecure, ...named]);
}

/** Hosts (`name:port`) that may be asked over plain http. */
export function plainHosts(settings: RegistrySettings): ReadonlySet<string> {
  const mirrors = [...settings.mirrors.values()].flat().filter(({ protocol }) => protocol === "http:");
  const insecure = [...settings.insecure].map((host) => new URL(`http://${host}`));
  return new Set([...mirrors, ...insecure].map((url) => withPort(url)));
}

function withPort({ hostname, port, protocol }: URL): string {
  return `${hostname}:${port || (protocol === "https:" ? "443" : "80")}`;
}
