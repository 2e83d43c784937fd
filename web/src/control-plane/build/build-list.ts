import { buildIdSchema, imageSummarySchema, type PlaygroundId, wireErrorSchema } from "@slipway/protocol";
import type { Build, Database } from "../db/database.ts";
import { decodeNullable } from "../db/documents.ts";
import type { BuildPage, BuildSummary } from "./build.ts";

/** Builds that one list brings. */
export const MAX_LISTED_BUILDS = 20;

/** The builds of a playground, by its index of them. A `before` of another playground is as good as none. */
export async function listBuilds(
  database: Database,
  playgroundId: PlaygroundId,
  before: string | null,
): Promise<BuildPage> {
  const from = before === null ? null : await database.build.findUnique({ where: { id: before } });
  const earlier = from?.playgroundId === playgroundId ? { createdAt: { lt: from.createdAt } } : {};
  const rows = await database.build.findMany({
    where: { playgroundId, ...earlier },
    orderBy: { createdAt: "desc" },
    take: MAX_LISTED_BUILDS + 1,
  });
  const builds = rows.slice(0, MAX_LISTED_BUILDS).map(summaryOf);
  return { builds, next: rows.length > MAX_LISTED_BUILDS ? (builds.at(-1)?.id ?? null) : null };
}

function summaryOf(row: Build): BuildSummary {
  const image = decodeNullable(imageSummarySchema, row.image);
  const { startedAt, finishedAt } = row;
  return {
    id: buildIdSchema.parse(row.id),
    state: row.state,
    createdAt: row.createdAt.getTime(),
    durationMs: startedAt && finishedAt ? finishedAt.getTime() - startedAt.getTime() : null,
    image: image && { digest: image.digest, sizeBytes: image.sizeBytes, layerCount: image.layerCount },
    error: decodeNullable(wireErrorSchema, row.error),
  };
}
