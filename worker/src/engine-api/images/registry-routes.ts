import { z } from "zod";
import type { BaseImages } from "../../builder/builder.ts";
import type { ImageStore } from "../../image-store/image-store.ts";
import type { ImageTransfer } from "../../image-store/image-transfer.ts";
import { parseReference, type Reference } from "../../image-store/reference.ts";
import { integer } from "../query-values.ts";
import { json, type Route, route } from "../route.ts";
import { bareName, readReference } from "./image-lookup.ts";
import { header } from "./image-routes.ts";
import { readAuthHeader, readLogin } from "./registry-auth.ts";

/** Results of a search, at most and where nothing is said. */
const MOST_RESULTS = 100;
const USUAL_RESULTS = 25;
const LOGIN_BODY = z.looseObject({});

export interface RegistryRouteParts {
  readonly store: ImageStore;
  readonly transfer: ImageTransfer;
  readonly baseImages: BaseImages;
}

/** What docker clients ask registries through the daemon. */
export function registryRoutes({ store, transfer, baseImages }: RegistryRouteParts): Route[] {
  return [
    route({
      method: "POST",
      path: "/auth",
      body: LOGIN_BODY,
      handle: async ({ body, gone }) => {
        await transfer.login(readLogin(body), gone);
        return json({ Status: "Login Succeeded", IdentityToken: "" });
      },
    }),
    route({
      method: "GET",
      path: "/distribution/{name*}/json",
      handle: async ({ params, headers, gone }) => {
        const reference = readReference(params.name ?? "");
        const credentials = readAuthHeader(header(headers["x-registry-auth"]), reference.domain);
        const found = await transfer.describe(reference.full, { credentials, signal: gone });
        return json({
          Descriptor: { mediaType: found.mediaType, digest: found.digest, size: found.sizeBytes },
          Platforms: found.platforms,
        });
      },
    }),
    route({
      method: "GET",
      path: "/images/search",
      query: z.object({ term: z.string().min(1, "is missing").max(256), limit: integer }),
      handle: async ({ query }) => {
        const limit = Math.min(MOST_RESULTS, Math.max(1, query.limit || USUAL_RESULTS));
        return json(await knownImages(store, baseImages, query.term.toLowerCase(), limit));
      },
    }),
  ];
}

/** Docker Hub is not asked: what this worker has, or can make, is what a search finds. */
async function knownImages(store: ImageStore, baseImages: BaseImages, term: string, limit: number) {
  const here = (await store.list()).filter((name) => !store.isPrivate(name)).map(parseReference);
  const makeable = baseImages.names.map(parseReference);
  const names = new Map<string, Reference>();
  for (const reference of [...here, ...makeable]) {
    const isPublic = reference.domain === "docker.io" && !reference.repository.startsWith("slipway/");
    if (isPublic && bareName(reference).includes(term)) names.set(bareName(reference), reference);
  }
  return [...names]
    .sort(([left], [right]) => left.localeCompare(right))
    .slice(0, limit)
    .map(([name, { repository }]) => ({
      name,
      description: "Known to this Slipway worker; Docker Hub was not asked.",
      is_official: repository.startsWith("library/"),
      is_automated: false,
      star_count: 0,
    }));
}
