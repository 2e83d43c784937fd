import { buildIdSchema, imageSummarySchema, playgroundIdSchema, wireErrorSchema } from "@slipway/protocol";
import type { Build } from "../db/database.ts";
import { decode, decodeNullable } from "../db/documents.ts";
import type { BuildView } from "./build.ts";
import { type PlainOptions, plainOptionsSchema } from "./build-options.ts";

export const plainOptionsOf = ({ noCache, pull, target, buildArgs }: Build): PlainOptions => ({
  noCache,
  pull,
  target,
  buildArgs: decode(plainOptionsSchema.shape.buildArgs, buildArgs),
});

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
    options: plainOptionsOf(row),
  };
}
