import type { ErrorCode, SessionEnd } from "@slipway/protocol";
import type { enNextSteps } from "../../ui/messages/session-ends.ts";

export interface NextStep {
  /** The sentence that says what to do. */
  readonly sentence: Exclude<keyof typeof enNextSteps, "build">;
  /** The button that does it, which stands first. */
  readonly action: "launch" | "shell" | "build" | "keep";
}

const CROWDED: ReadonlySet<ErrorCode> = new Set([
  "worker-full",
  "no-worker",
  "worker-busy",
  "worker-lost",
  "network-failed",
  "disk-full",
  "runtime-failed",
]);

/** What to do after the end of a session, whose writable layer is still there or not. */
export function nextStep({ cause, exitCode, error }: SessionEnd, filesKept: boolean): NextStep {
  switch (cause) {
    case "command-exited":
      return exitCode === 0
        ? { sentence: cause, action: "shell" }
        : { sentence: "command-failed", action: "shell" };
    case "out-of-memory":
    case "disk-quota":
      return { sentence: cause, action: "shell" };
    case "stopped-by-operator":
      return filesKept
        ? { sentence: cause, action: "keep" }
        : { sentence: "nothing-to-save", action: "launch" };
    case "launch-failed":
      if (error?.code === "image-missing") return { sentence: "image-gone", action: "build" };
      if (error?.code === "step-state-gone") return { sentence: "stepGone", action: "build" };
      return error !== null && CROWDED.has(error.code)
        ? { sentence: "launch-crowded", action: "launch" }
        : { sentence: cause, action: "build" };
    case "stopped-by-owner":
    case "expired":
    case "worker-stopped":
    case "worker-lost":
      return { sentence: cause, action: "launch" };
  }
}
