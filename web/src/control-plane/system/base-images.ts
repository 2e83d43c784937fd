import type { BaseImageView } from "./system.ts";

/** Images and tags that one answer has; an editor offers them. */
const MAX_NAMES = 2000;

/** The names of all workers, each once, by image. A name without a tag, such as one with a digest, is left out. */
export function baseImagesOf(workers: readonly (readonly string[])[]): BaseImageView[] {
  const images = new Map<string, string[]>();
  for (const reference of [...new Set(workers.flat())].slice(0, MAX_NAMES)) {
    const colon = reference.lastIndexOf(":");
    if (colon <= reference.lastIndexOf("/") || reference.includes("@")) continue;
    const name = reference.slice(0, colon);
    const tags = images.get(name);
    if (tags) tags.push(reference.slice(colon + 1));
    else images.set(name, [reference.slice(colon + 1)]);
  }
  return [...images]
    .map(([name, tags]) => ({ name, tags }))
    .sort((left, right) => (left.name < right.name ? -1 : 1));
}
