import {
  buildIdSchema,
  playgroundIdSchema,
  sessionEndSchema,
  sessionIdSchema,
  sessionLimitsSchema,
  sessionPortSchema,
  sessionTerminalSchema,
} from "@slipway/protocol";
import { z } from "zod";
import type { Session } from "../db/database.ts";
import { decode, decodeNullable } from "../db/documents.ts";
import type { SessionView } from "./session.ts";

export const terminalsSchema = z.array(sessionTerminalSchema);
export const portsSchema = z.array(sessionPortSchema);

export function viewOfSession(row: Session): SessionView {
  return {
    id: sessionIdSchema.parse(row.id),
    playgroundId: playgroundIdSchema.parse(row.playgroundId),
    buildId: buildIdSchema.parse(row.buildId),
    state: row.state,
    start: row.start,
    createdAt: row.createdAt.getTime(),
    startedAt: row.startedAt?.getTime() ?? null,
    expiresAt: row.expiresAt.getTime(),
    endedAt: row.endedAt?.getTime() ?? null,
    end: decodeNullable(sessionEndSchema, row.end),
    terminals: decode(terminalsSchema, row.terminals),
    ports: decode(portsSchema, row.ports),
    limits: decode(sessionLimitsSchema, row.limits),
    runtime:
      row.runtimeName === null ? null : { name: row.runtimeName, hardened: row.runtimeHardened ?? false },
  };
}
