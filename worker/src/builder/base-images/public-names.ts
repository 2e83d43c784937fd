import type { ImageStore } from "../../image-store/image-store.ts";
import { parseReference } from "../../image-store/reference.ts";

/** Names that a worker tells of; an editor offers them, and nobody reads more. */
const MAX_NAMES = 2000;

/**
 * Names of images that anybody may build on here, as Docker shows them: those of recipes, and those that a pull without a login
 * gave. Images of playgrounds and private ones are nobody else's business.
 */
export async function publicNames(
  store: Pick<ImageStore, "list" | "pulled" | "isPrivate">,
  recipes: readonly string[],
): Promise<string[]> {
  const pulled = (await store.list()).filter((name) => store.pulled(name) !== null && !store.isPrivate(name));
  const names = [...recipes, ...pulled.sort()].map((name) => parseReference(name).familiar);
  return [...new Set(names)].slice(0, MAX_NAMES);
}
