import { registryHostSchema, SlipwayError } from "@slipway/protocol";

/** Docker's own registry has one name in image references and answers under these (distribution/reference, moby/registry). */
const DOCKER_HUB: ReadonlySet<string> = new Set([
  "docker.io",
  "index.docker.io",
  "registry-1.docker.io",
  "hub.docker.com",
]);

/** Highest TCP port. */
const MAX_PORT = 65_535;

/**
 * The host of a registry in the form of image references, from whatever people type or paste: an address with a scheme and
 * a path such as `docker login` prints, capitals, spaces around it. Nothing at all means Docker's own, as for `docker login`.
 * @throws registry-host-invalid when no host can be made of it
 */
export function registryHost(typed: string): string {
  const text = typed.trim().toLowerCase();
  if (text === "") return "docker.io";
  const host = text.replace(/^https?:\/\//, "").replace(/\/.*$/s, "");
  const port = Number(/:([0-9]+)$/.exec(host)?.[1] ?? 1);
  if (!registryHostSchema.safeParse(host).success || port < 1 || port > MAX_PORT) {
    throw new SlipwayError("registry-host-invalid", "This is not the host name of a registry.", {
      params: { registry: typed.slice(0, 253) },
    });
  }
  return DOCKER_HUB.has(host) ? "docker.io" : host;
}
