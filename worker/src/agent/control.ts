import type { BuildId, Hello, Reply, SessionId, Welcome, WorkerCommand } from "@slipway/protocol";
import type { ImageBuilder } from "../builder/create-builder.ts";
import { summaryOf } from "../image-store/summary.ts";
import type { Sessions } from "../session/session.ts";
import type { BuildOutbox } from "./build-outbox.ts";
import type { BuildRunner } from "./build-runner.ts";
import type { ReportOutbox } from "./report-outbox.ts";

export interface ControlParts {
  readonly sessions: Sessions;
  readonly builds: BuildRunner;
  readonly steps: Pick<ImageBuilder, "stepImage">;
  readonly buildOutbox: BuildOutbox;
  readonly reportOutbox: ReportOutbox;
  /** Told what a welcome says of tickets and previews. */
  readonly configureGateway: (welcome: Pick<Welcome, "ticketPublicKey" | "previewDomain">) => void;
}

/** What a command answers beside its success. */
export type Answer = Omit<Extract<Reply, { ok: true }>, "ok">;

/** Carries out one command of the control plane. */
export async function carryOut(parts: ControlParts, command: WorkerCommand): Promise<Answer> {
  if (command.kind === "save-image") {
    return { image: await parts.sessions.saveImage(command.sessionId, command.name) };
  }
  if (command.kind === "open-step") return { image: summaryOf(await parts.steps.stepImage(command)) };
  await act(parts, command);
  return {};
}

async function act(
  { sessions, builds, buildOutbox }: ControlParts,
  command: Exclude<WorkerCommand, { kind: "save-image" | "open-step" }>,
): Promise<void> {
  switch (command.kind) {
    case "build":
      buildOutbox.open(command.request.buildId);
      return builds.start(command.request);
    case "cancel-build":
      return builds.cancel(command.buildId);
    case "launch":
      return sessions.launch(command.request);
    case "stop":
      return sessions.stop(command.sessionId, command.cause);
    case "extend":
      return sessions.extend(command.sessionId, command.expiresAt);
    case "pause":
      return sessions.pause(command.sessionId, command.paused);
    case "open-terminal":
      return sessions.openTerminal(command.sessionId, command.terminalId, command.size, command.container);
  }
}

/** Acts on the difference between what the control plane wants and what is here. */
export async function resynchronise(parts: ControlParts, welcome: Welcome): Promise<void> {
  parts.configureGateway(welcome);
  parts.buildOutbox.resume(welcome.builds);
  const builds = new Set<BuildId>(welcome.builds.map((build) => build.buildId));
  const sessions = new Set<SessionId>(welcome.sessions);
  // Not awaited: a slow stop must not keep the worker from being joined.
  void parts.builds.cancelOthers(builds);
  void parts.sessions.keepOnly(sessions);
  for (const report of parts.sessions.reports()) parts.reportOutbox.push(report);
}

/** What lives here, for `hello`. */
export function facts(
  parts: Pick<ControlParts, "sessions" | "buildOutbox">,
): Pick<Hello, "sessions" | "builds"> {
  return { sessions: parts.sessions.reports(), builds: parts.buildOutbox.list() };
}
