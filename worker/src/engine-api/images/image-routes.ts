import type { Readable } from "node:stream";
import { z } from "zod";
import type { ContentStore } from "../../content/content-store.ts";
import type { SessionHost } from "../../session/session-host.ts";
import type { SessionBuilds } from "../build/session-builds.ts";
import { EngineError } from "../engine-error.ts";
import { streamedAnswer } from "../json-stream.ts";
import { filters, flag, several } from "../query-values.ts";
import { bodyBytes } from "../request-body.ts";
import { json, type Route, route } from "../route.ts";
import type { HostImages } from "./host-images.ts";
import { readReference } from "./image-lookup.ts";
import { importImage } from "./import-image.ts";
import type { Tell } from "./progress-lines.ts";
import { type PullParts, pullImage } from "./pull-image.ts";
import { pushImage } from "./push-image.ts";
import { readAuthHeader } from "./registry-auth.ts";
import type { SessionImages } from "./session-images.ts";

export interface ImageRouteParts extends PullParts {
  readonly images: HostImages;
  readonly content: ContentStore;
  readonly builds: SessionBuilds;
}

const AUTH_HEADER = "x-registry-auth";
const name = z.string().max(512).default("");

/** `/images/…` without what moves whole images in archives (archive-routes.ts). */
export function imageRoutes(parts: ImageRouteParts): Route[] {
  return [...readingRoutes(parts), ...changingRoutes(parts), createRoute(parts), pushRoute(parts)];
}

function readingRoutes({ images }: ImageRouteParts): Route[] {
  return [
    route({
      method: "GET",
      path: "/images/json",
      query: z.object({ filters, "shared-size": flag, filter: z.string().optional() }),
      handle: async ({ session, query, version }) => {
        // Clients before 1.25 name a reference in a parameter of its own.
        const narrowed = query.filter
          ? new Map([...query.filters, ["reference", [query.filter]] as const])
          : query.filters;
        const options = { filters: narrowed, sharedSize: query["shared-size"], minor: version.minor };
        return json(await (await images.of(session)).list(options));
      },
    }),
    route({
      method: "GET",
      path: "/images/{name*}/json",
      handle: async ({ session, params, version }) =>
        json(await (await images.of(session)).inspect(params.name ?? "", version.minor)),
    }),
    route({
      method: "GET",
      path: "/images/{name*}/history",
      handle: async ({ session, params }) =>
        json(await (await images.of(session)).history(params.name ?? "")),
    }),
  ];
}

function changingRoutes({ images }: ImageRouteParts): Route[] {
  return [
    route({
      method: "POST",
      path: "/images/{name*}/tag",
      query: z.object({ repo: name, tag: name }),
      handle: async ({ session, params, query }) => {
        (await images.of(session)).tag(params.name ?? "", query.repo, query.tag);
        return { kind: "empty", status: 201 };
      },
    }),
    route({
      method: "POST",
      path: "/images/prune",
      query: z.object({ filters }),
      handle: async ({ session, query }) => json(await (await images.of(session)).prune(query.filters)),
    }),
    route({
      method: "DELETE",
      path: "/images/{name*}",
      query: z.object({ force: flag, noprune: flag }),
      handle: async ({ session, params, query }) =>
        json(await (await images.of(session)).remove(params.name ?? "", query.force)),
    }),
  ];
}

/** `docker pull`, and `docker import` by another parameter of the same path. */
function createRoute(parts: ImageRouteParts): Route {
  return route({
    method: "POST",
    path: "/images/create",
    query: z.object({
      fromImage: name,
      fromSrc: name,
      repo: name,
      tag: name,
      message: name,
      changes: several,
      platform: name,
    }),
    handle: async ({ session, query, headers, stream, gone }) => {
      const images = await parts.images.of(session);
      if (query.fromSrc !== "") {
        const order = { ...query, stream, signal: gone };
        return await streamedAnswer((tell) => importArchive(parts, session, images, order, tell));
      }
      if (query.fromImage === "")
        throw new EngineError(400, "fromImage or fromSrc has to say what is wanted");
      const named = withTag(query.fromImage, query.tag);
      const request = {
        name: named,
        platform: query.platform,
        credentials: readAuthHeader(header(headers[AUTH_HEADER]), readReference(named).domain),
        signal: gone,
      };
      return await streamedAnswer((tell) => pullImage(parts, images, request, tell));
    },
  });
}

interface ImportOrder {
  readonly fromSrc: string;
  readonly repo: string;
  readonly tag: string;
  readonly message: string;
  readonly changes: readonly string[];
  readonly stream: Readable;
  readonly signal: AbortSignal;
}

async function importArchive(
  { store, content, builds }: ImageRouteParts,
  session: SessionHost,
  images: SessionImages,
  { fromSrc, repo, tag, message, changes, stream, signal }: ImportOrder,
  tell: Tell,
): Promise<void> {
  const full = repo === "" ? [] : [readReference(withTag(repo, tag)).full];
  const lease = store.lease("used");
  try {
    await store.checkRoom();
    const archive =
      fromSrc === "-" ? bodyBytes(stream) : await builds.fetched(session, images, fromSrc, signal);
    const limitBytes = await images.room();
    const plain = await importImage({ store, content }, archive, { limitBytes, message, signal });
    const image = await builds.changed(session, images, plain, changes, signal);
    images.keep(image, full, "import");
    tell({ status: image.imageId });
  } finally {
    lease.release();
  }
}

function pushRoute(parts: ImageRouteParts): Route {
  return route({
    method: "POST",
    path: "/images/{name*}/push",
    query: z.object({ tag: name }),
    handle: async ({ session, params, query, headers, gone }) => {
      const images = await parts.images.of(session);
      const pushed = params.name ?? "";
      const request = {
        name: pushed,
        tag: query.tag,
        credentials: readAuthHeader(header(headers[AUTH_HEADER]), readReference(pushed).domain),
        signal: gone,
      };
      return await streamedAnswer((tell) => pushImage(parts.transfer, images, request, tell));
    },
  });
}

/** A tag may also be a digest, and a name may have either by itself. */
function withTag(image: string, tag: string): string {
  if (tag === "") return image;
  return tag.startsWith("sha256:") ? `${image}@${tag}` : `${image}:${tag}`;
}

export const header = (value: string | string[] | undefined): string | undefined =>
  Array.isArray(value) ? value[0] : value;
