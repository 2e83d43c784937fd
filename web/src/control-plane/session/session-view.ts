import {
  buildIdSchema,
  egressPolicySchema,
  limitEventSchema,
  playgroundIdSchema,
  type SessionTerminal,
  sessionEndSchema,
  sessionIdSchema,
  sessionLimitsSchema,
  sessionPortSchema,
  sessionTerminalSchema,
  stepSideSchema,
  terminalIdSchema,
} from "@slipway/protocol";
import { z } from "zod";
import type { Session } from "../db/database.ts";
import { decode, decodeNullable } from "../db/documents.ts";
import type { SessionView } from "./session.ts";

export const terminalsSchema = z.array(sessionTerminalSchema);
export const portsSchema = z.array(sessionPortSchema);
export const limitEventsSchema = z.array(limitEventSchema);

export function viewOfSession(row: Session): SessionView {
  return {
    id: sessionIdSchema.parse(row.id),
    playgroundId: playgroundIdSchema.parse(row.playgroundId),
    buildId: buildIdSchema.parse(row.buildId),
    savedImageId: row.savedImageId,
    step: row.step === null ? null : { step: row.step, side: stepSideSchema.parse(row.stepSide) },
    state: row.state,
    start: row.start,
    createdAt: row.createdAt.getTime(),
    startedAt: row.startedAt?.getTime() ?? null,
    expiresAt: row.expiresAt.getTime(),
    endedAt: row.endedAt?.getTime() ?? null,
    end: decodeNullable(sessionEndSchema, row.end),
    stopReason: row.stopReason,
    queue: null,
    paused: row.paused,
    terminals: terminalsOf(row),
    ports: decode(portsSchema, row.ports),
    limits: decode(sessionLimitsSchema, row.limits),
    egress: egressPolicySchema.parse(row.egress),
    limitEvents: decode(limitEventsSchema, row.limitEvents),
    filesKeptUntil: row.filesKeptUntil?.getTime() ?? null,
    runtime:
      row.runtimeName === null ? null : { name: row.runtimeName, hardened: row.runtimeHardened ?? false },
  };
}

/** The terminals that its worker tells of; before that those that there will be. */
function terminalsOf(row: Session): SessionTerminal[] {
  const known = decode(terminalsSchema, row.terminals);
  if (known.length > 0 || (row.state !== "queued" && row.state !== "starting")) return known;
  const main = {
    terminalId: terminalIdSchema.parse(row.mainTerminalId),
    kind: "main",
    container: null,
    exitCode: null,
  } as const;
  const shell = terminalIdSchema.parse(row.shellTerminalId);
  return row.expectsShell
    ? [main, { terminalId: shell, kind: "shell", container: null, exitCode: null }]
    : [main];
}
