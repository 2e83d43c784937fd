import { SlipwayError } from "@slipway/protocol";
import type { Terminal } from "../terminal/terminal.ts";
import type { Launched } from "./launch.ts";
import type { LiveSession } from "./live-session.ts";
import type { SessionParts } from "./parts.ts";
import { exposedTcpPorts } from "./ports.ts";
import type { SessionRecord } from "./record.ts";
import { containerId, networkPolicy } from "./resources.ts";

/**
 * Takes over a session that an earlier worker process left: a running one lives on with the same terminals, one that was
 * being launched or stopped when the worker went is ended, an ended one keeps its terminals to be read. Never rejects.
 */
export async function adopt(parts: SessionParts, record: SessionRecord, session: LiveSession): Promise<void> {
  const { main, shell } = record.request.terminals;
  const [mainTerminal, shellTerminal] = await Promise.all([
    parts.terminals.adopt(main),
    parts.terminals.adopt(shell),
  ]);
  const terminals = [mainTerminal, shellTerminal].filter((terminal) => terminal !== null);
  switch (record.report.state) {
    case "ended":
      session.holdTerminals(terminals);
      return;
    case "running": {
      const launched = await alive(parts, record, mainTerminal, shellTerminal);
      if (launched) return session.adopt(launched);
      session.holdTerminals(terminals);
      return session.end({ cause: mainTerminal?.exit ? "command-exited" : "worker-lost" });
    }
    case "queued":
    case "starting":
      session.holdTerminals(terminals);
      return session.end({
        cause: "launch-failed",
        error: new SlipwayError(
          "worker-lost",
          "The worker restarted while the session was being launched.",
        ).toWire(),
      });
    case "stopping":
      session.holdTerminals(terminals);
      return session.end({ cause: "stopped-by-owner" });
  }
}

async function alive(
  parts: SessionParts,
  record: SessionRecord,
  main: Terminal | null,
  shell: Terminal | null,
): Promise<Launched | null> {
  const { request, report } = record;
  const container = await parts.runtime.adopt(containerId(request.sessionId));
  const image = await parts.images.get(request.image);
  if (!container || !main || !image) return null;
  const network = await parts.network.create(request.sessionId, networkPolicy(request));
  return {
    container,
    address: network.address,
    main,
    shell,
    terminals: report.terminals,
    args: record.args,
    exposedPorts: exposedTcpPorts(image.config.config?.ExposedPorts),
  };
}
