import { Readable } from "node:stream";
import { z } from "zod";
import type { ContentStore } from "../../content/content-store.ts";
import type { ImageStore } from "../../image-store/image-store.ts";
import { parseReference } from "../../image-store/reference.ts";
import { EngineError } from "../engine-error.ts";
import { streamedAnswer } from "../json-stream.ts";
import { flag, several } from "../query-values.ts";
import { bodyBytes } from "../request-body.ts";
import { type Answer, type Route, route } from "../route.ts";
import type { HostImages } from "./host-images.ts";
import { bareName, readReference } from "./image-lookup.ts";
import { loadImages } from "./load-images.ts";
import { shortId, type Tell } from "./progress-lines.ts";
import { type SavedImage, savedImages } from "./save-images.ts";
import type { SessionImages } from "./session-images.ts";

/** Images of one archive. */
const MOST_NAMES = 64;

export interface ArchiveRouteParts {
  readonly images: HostImages;
  readonly store: ImageStore;
  readonly content: ContentStore;
}

/** `docker save` and `docker load`. */
export function archiveRoutes(parts: ArchiveRouteParts): Route[] {
  return [
    route({
      method: "GET",
      path: "/images/get",
      query: z.object({ names: several }),
      handle: async ({ session, query }) => {
        const names = query.names.flatMap((list) => list.split(",")).filter((name) => name !== "");
        return await save(parts, await parts.images.of(session), names);
      },
    }),
    route({
      method: "GET",
      path: "/images/{name*}/get",
      handle: async ({ session, params }) =>
        await save(parts, await parts.images.of(session), [params.name ?? ""]),
    }),
    route({
      method: "POST",
      path: "/images/load",
      query: z.object({ quiet: flag }),
      handle: async ({ session, query, stream, gone }) => {
        const images = await parts.images.of(session);
        // As in Docker: clients look for the error among the lines, and not at the status.
        return await streamedAnswer(
          (tell) => load(parts, images, stream, gone, query.quiet ? null : tell, tell),
          { tellsAll: true },
        );
      },
    }),
  ];
}

async function save(
  { store, content }: ArchiveRouteParts,
  images: SessionImages,
  names: readonly string[],
): Promise<Answer> {
  if (names.length === 0 || names.length > MOST_NAMES) {
    throw new EngineError(400, `An archive has from 1 to ${MOST_NAMES} images.`);
  }
  const saved = new Map<string, { image: SavedImage["image"]; names: Set<string> }>();
  for (const text of names) {
    for (const name of namesMeant(images, text)) {
      const { booked, image } = await images.need(name ?? text);
      const entry = saved.get(booked.id) ?? { image, names: new Set<string>() };
      if (name !== null) entry.names.add(name);
      saved.set(booked.id, entry);
    }
  }
  const list = [...saved.values()].map((entry) => ({ image: entry.image, names: [...entry.names] }));
  // What the session removes meanwhile stays until all has been sent.
  const lease = store.lease("held");
  for (const { image } of list) lease.hold(image.digest);
  const body = Readable.from(savedImages(content, list), { objectMode: false });
  body.once("close", () => lease.release());
  return { kind: "stream", status: 200, type: "application/x-tar", body };
}

/** A repository without a tag is all of its tags; null for what is meant by its id. */
function namesMeant(images: SessionImages, text: string): (string | null)[] {
  const reference = readReferenceOrNull(text);
  if (reference === null || reference.digest !== null) return [null];
  const hasTag = bareName(reference) !== text && text.endsWith(`:${reference.tag}`);
  if (hasTag) return images.book.named(reference.full) === null ? [null] : [reference.full];
  const tags = images.book.list().flatMap((image) => image.tags);
  const own = tags.filter((tag) => bareName(parseReference(tag)) === bareName(reference));
  return own.length === 0 ? [null] : own;
}

function readReferenceOrNull(text: string) {
  try {
    return readReference(text);
  } catch {
    return null;
  }
}

async function load(
  { store, content }: ArchiveRouteParts,
  images: SessionImages,
  archive: Readable,
  signal: AbortSignal,
  progress: Tell | null,
  tell: Tell,
): Promise<void> {
  const lease = store.lease("used");
  try {
    await store.checkRoom();
    const limitBytes = await images.room();
    const loaded = await loadImages({ store, content }, bodyBytes(archive), { limitBytes, signal });
    for (const { image, names } of loaded) {
      for (const { digest, sizeBytes } of image.layers) {
        const progressDetail = { current: sizeBytes, total: sizeBytes };
        progress?.({ status: "Loading layer", id: shortId(digest), progressDetail, progress: "" });
      }
      const full = names.map((name) => readReference(name).full);
      images.keep(image, full, "load");
      if (full.length === 0) tell({ stream: `Loaded image ID: ${image.imageId}\n` });
      for (const name of full) tell({ stream: `Loaded image: ${parseReference(name).familiar}\n` });
    }
  } finally {
    lease.release();
  }
}
