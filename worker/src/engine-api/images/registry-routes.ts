import { z } from "zod";
import type { BaseImages } from "../../builder/builder.ts";
import type { ImageStore } from "../../image-store/image-store.ts";
import type { ImageTransfer } from "../../image-store/image-transfer.ts";
import { parseReference, type Reference } from "../../image-store/reference.ts";
import { EngineError } from "../engine-error.ts";
import { FilterSet } from "../filter-set.ts";
import { filters, integer } from "../query-values.ts";
import { json, type Route, route } from "../route.ts";
import { bareName, readReference } from "./image-lookup.ts";
import { header } from "./image-routes.ts";
import { hostOf, readAuthHeader, readLogin } from "./registry-auth.ts";

/** Results of a search, at most and where nothing is said. */
const MOST_RESULTS = 100;
const USUAL_RESULTS = 25;
const SEARCH_FILTERS = ["is-automated", "is-official", "stars"];
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
      query: z.object({ term: z.string().min(1, "is missing").max(256), limit: integer, filters }),
      handle: async ({ query }) => {
        const wanted = new FilterSet(query.filters, SEARCH_FILTERS);
        const limit = query.limit || USUAL_RESULTS;
        if (limit < 1 || limit > MOST_RESULTS) {
          throw new EngineError(400, `Limit ${limit} is outside the range of [1, ${MOST_RESULTS}]`);
        }
        const known = await knownImages(store, baseImages, searchTerm(query.term));
        return json(known.filter((found) => fits(found, wanted)).slice(0, limit));
      },
    }),
  ];
}

/** What is looked for. Throws 404 where the term names a registry: none of today's offers a search. */
function searchTerm(text: string): string {
  const [host = "", ...rest] = text.split("/");
  const isHost = rest.length > 0 && /[.:]|^localhost$/.test(host);
  if (isHost && hostOf(host) !== "docker.io") {
    throw new EngineError(
      404,
      `${host} can't be searched: a registry has no search. Pull by the whole name.`,
    );
  }
  return (isHost ? rest.join("/") : text).toLowerCase();
}

interface FoundImage {
  readonly name: string;
  readonly description: string;
  readonly is_official: boolean;
  readonly is_automated: boolean;
  readonly star_count: number;
}

function fits({ is_official, is_automated, star_count }: FoundImage, wanted: FilterSet): boolean {
  const official = wanted.flag("is-official");
  const automated = wanted.flag("is-automated");
  return (
    (official === null || official === is_official) &&
    (automated === null || automated === is_automated) &&
    wanted.every("stars", (least) => star_count >= Number(least))
  );
}

/** Docker Hub is not asked: what this worker has, or can make, is what a search finds. */
async function knownImages(store: ImageStore, baseImages: BaseImages, term: string): Promise<FoundImage[]> {
  const here = (await store.list()).filter((name) => !store.isPrivate(name)).map(parseReference);
  const makeable = baseImages.names.map(parseReference);
  const names = new Map<string, Reference>();
  for (const reference of [...here, ...makeable]) {
    const isPublic = reference.domain === "docker.io" && !reference.repository.startsWith("slipway/");
    if (isPublic && bareName(reference).includes(term)) names.set(bareName(reference), reference);
  }
  return [...names]
    .sort(([left], [right]) => left.localeCompare(right))
    .map(([name, { repository }]) => ({
      name,
      description: "Known to this Slipway worker; Docker Hub was not asked.",
      is_official: repository.startsWith("library/"),
      is_automated: false,
      star_count: 0,
    }));
}
