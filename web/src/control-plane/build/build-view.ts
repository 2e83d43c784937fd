import { buildIdSchema, imageSummarySchema, playgroundIdSchema, wireErrorSchema } from "@slipway/protocol";
import type { Build } from "../db/database.ts";
import { decodeNullable } from "../db/documents.ts";
import type { BuildView } from "./build.ts";

export function viewOfBuild(row: Build): BuildView {
  return {
    id: buildIdSchema.parse(row.id),
    playgroundId: playgroundIdSchema.parse(row.playgroundId),
    state: row.state,
    createdAt: row.createdAt.getTime(),
    startedAt: row.startedAt?.getTime() ?? null,
    finishedAt: row.finishedAt?.getTime() ?? null,
    image: decodeNullable(imageSummarySchema, row.image),
    error: decodeNullable(wireErrorSchema, row.error),
    noCache: row.noCache,
  };
}
