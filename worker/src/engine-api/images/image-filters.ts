import { compileGlob } from "@slipway/dockerfile";
import type { Image } from "../../image-store/image-store.ts";
import { parseReference } from "../../image-store/reference.ts";
import type { FilterSet } from "../filter-set.ts";
import type { BookedImage, ImageBook } from "./image-book.ts";
import { bareName, needImage } from "./image-lookup.ts";

export const LIST_FILTERS = ["before", "dangling", "label", "label!", "reference", "since", "until"];
export const PRUNE_FILTERS = ["dangling", "label", "label!", "until"];

/** An image of the book with what the store has for it. */
export interface Listed {
  readonly booked: BookedImage;
  readonly image: Image;
}

export const createdMs = (image: Image): number => Date.parse(image.config.created ?? "") || 0;

/** What a list shows of the images: those that pass, each with the names that pass. */
export async function filteredImages(
  images: readonly Listed[],
  filters: FilterSet,
  book: ImageBook,
): Promise<Listed[]> {
  const dangling = filters.flag("dangling");
  const nowMs = Date.now();
  const until = filters.moment("until", nowMs);
  const [before, since] = await Promise.all(
    (["before", "since"] as const).map(async (name) => {
      const [text] = filters.values(name);
      return text === undefined ? null : createdMs(await book.image(needImage(book, text).id));
    }),
  );
  return images.flatMap(({ booked, image }) => {
    const created = createdMs(image);
    const passes =
      (dangling === null || dangling === (booked.tags.length === 0)) &&
      (until === null || created <= until) &&
      (before == null || created < before) &&
      (since == null || created > since) &&
      filters.labels(image.config.config?.Labels ?? {});
    if (!passes) return [];
    if (!filters.has("reference")) return [{ booked, image }];
    const named = withMatchingNames(booked, filters.values("reference"));
    return named === null ? [] : [{ booked: named, image }];
  });
}

/** Patterns are those of Go's path.Match, against the whole familiar name and against it without its tag. */
function withMatchingNames(booked: BookedImage, patterns: readonly string[]): BookedImage | null {
  const globs = patterns.map((pattern) => compileGlob(pattern, "path"));
  const matches = (full: string): boolean => {
    const reference = parseReference(full);
    return globs.some((glob) => glob.matches(reference.familiar) || glob.matches(bareName(reference)));
  };
  const [tags, digests] = [booked.tags.filter(matches), booked.digests.filter(matches)];
  return tags.length + digests.length === 0 ? null : { ...booked, tags, digests };
}
