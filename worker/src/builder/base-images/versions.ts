import type { Image, ImageStore } from "../../image-store/image-store.ts";

/** dpkg's list of a large image has some MiB. */
const MAX_STATUS_BYTES = 64 * 1024 ** 2;

/**
 * The image with environment variables that tell versions of its Debian packages, as images of the same names elsewhere have
 * them; `versions` are packages by variable.
 */
export async function withVersions(
  store: ImageStore,
  image: Image,
  versions: Readonly<Record<string, string>>,
): Promise<Image> {
  const bytes = await store.readFile(image, image.layers.length - 1, "var/lib/dpkg/status", MAX_STATUS_BYTES);
  const status = Buffer.from(bytes).toString("utf8");
  const variables = Object.entries(versions).flatMap(([variable, name]) => {
    const version = upstreamVersion(status, name);
    return version === null ? [] : [`${variable}=${version}`];
  });
  const { config } = image.config;
  const withEnv = { ...image.config, config: { ...config, Env: [...(config?.Env ?? []), ...variables] } };
  return await store.create(withEnv, image.layers);
}

/** Version of an installed package without Debian's own parts (deb-version(7)): `2:1.22.1+dfsg-9` is 1.22.1. */
export function upstreamVersion(status: string, name: string): string | null {
  const stanza = status.split("\n\n").find((text) => text.startsWith(`Package: ${name}\n`));
  const version = /^Version: (?:\d+:)?(\S+)$/m.exec(stanza ?? "")?.[1];
  return version?.replace(/-[^-]*$/, "").replace(/[+~].*$/, "") ?? null;
}
