import { SlipwayError, type TerminalId } from "@slipway/protocol";
import type { Terminal } from "../terminal/terminal.ts";
import { groundShape, layGround } from "./ground.ts";
import type { Launched } from "./launch.ts";
import type { LiveSession } from "./live-session.ts";
import { mainShape, planMain, shellBeside } from "./main-container.ts";
import type { SessionParts } from "./parts.ts";
import type { SessionRecord } from "./record.ts";
import { terminalNames } from "./resources.ts";

/**
 * Takes over a session that an earlier worker process left: a running one lives on with the same terminals, one that was
 * being launched or stopped when the worker went is ended, an ended one keeps its terminals to be read. Never rejects.
 */
export async function adopt(parts: SessionParts, record: SessionRecord, session: LiveSession): Promise<void> {
  const terminals = await adoptTerminals(parts, record);
  session.holdTerminals(terminals);
  switch (record.report.state) {
    case "ended":
      return session.adoptFiles();
    case "running": {
      const main = terminals.get(record.request.terminals.main) ?? null;
      const launched = await alive(parts, record, terminals).catch((error: unknown) => {
        parts.log.error({ err: error, sessionId: session.id }, "a session could not be adopted");
        return null;
      });
      if (launched) return session.adopt(launched);
      return session.end({ cause: main?.exit ? "command-exited" : "worker-lost" });
    }
    case "queued":
    case "starting":
      return session.end({
        cause: "launch-failed",
        error: new SlipwayError(
          "worker-lost",
          "The worker restarted while the session was being launched.",
        ).toWire(),
      });
    case "stopping":
      return session.end({ cause: "stopped-by-owner" });
  }
}

async function adoptTerminals(
  parts: SessionParts,
  record: SessionRecord,
): Promise<Map<TerminalId, Terminal>> {
  const found = await Promise.all(
    [...terminalNames(record)].map(
      async ([id, name]) => [id, await parts.terminals.adopt(name).catch(() => null)] as const,
    ),
  );
  return new Map(found.flatMap(([id, terminal]) => (terminal === null ? [] : [[id, terminal]])));
}

async function alive(
  parts: SessionParts,
  { request, place, args }: SessionRecord,
  terminals: ReadonlyMap<TerminalId, Terminal>,
): Promise<Launched | null> {
  const container = await parts.runtime.adopt(place.container);
  const terminal = terminals.get(request.terminals.main);
  if (!container || !terminal || !(await parts.images.get(request.image))) return null;
  const plan = await planMain(parts, place, mainShape(request));
  const ground = await layGround(parts, place, groundShape(request), request.limits);
  // A worker that was killed right after the start has not opened the shell yet.
  const beside = terminals.has(request.terminals.shell) ? null : shellBeside(plan);
  return { ground, main: { container, terminal, exposedPorts: plan.exposedPorts }, args, beside };
}
