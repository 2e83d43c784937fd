import {
  MAX_TERMINALS,
  type SessionTerminal,
  SlipwayError,
  type TerminalId,
  type TerminalSize,
} from "@slipway/protocol";
import type { Container, ProcessSpec } from "../runtime/runtime.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { mainShape, planMain } from "./main-container.ts";
import type { SessionParts } from "./parts.ts";
import type { SessionRecord } from "./record.ts";

/** One more process with a pty in a container. */
export async function openShell(
  parts: SessionParts,
  container: Container,
  process: ProcessSpec,
  id: TerminalId,
  size: TerminalSize,
): Promise<Terminal> {
  return await parts.terminals.open(id, size, (files) => container.execCommand(process, files));
}

/** The shell of a session's image. Rejects with `command-not-found` where it has none. */
export async function shellProcess(
  parts: SessionParts,
  { request, place }: SessionRecord,
): Promise<ProcessSpec> {
  const { process, shell } = await planMain(parts, place, mainShape(request));
  if (shell !== null) return { ...process, args: [shell] };
  throw new SlipwayError("command-not-found", "The image holds no shell.", {
    params: { command: "/bin/sh" },
  });
}

/** Null where one more terminal fits, or the oldest shell that has ended and can make room. Throws `terminal-limit`. */
export function roomForShell(terminals: readonly SessionTerminal[]): TerminalId | null {
  if (terminals.length < MAX_TERMINALS) return null;
  const ended = terminals.find(({ kind, exitCode }) => kind === "shell" && exitCode !== null);
  if (ended) return ended.terminalId;
  throw new SlipwayError("terminal-limit", `A session has ${MAX_TERMINALS} terminals at most.`, {
    params: { limit: MAX_TERMINALS },
  });
}
