import { useCallback, useMemo, useState } from "react";
import type { BuildPhase } from "../../features/build-log/use-build.ts";
import type { Mark, Reveal } from "../../features/editor/marks.ts";
import { useErrorSentence } from "../../ui/error-sentence.ts";

export const NO_MARKS: readonly Mark[] = [];

/** The failure of the newest build as a mark in the Dockerfile, until the Dockerfile is edited. */
export function useFailureMarks(
  phase: BuildPhase,
  excerptOf: (range: Reveal["range"]) => string,
): { marks: readonly Mark[]; edited: () => void } {
  const sentence = useErrorSentence();
  const [seen, setSeen] = useState<string | null>(null);
  const buildId = phase.kind === "shown" ? phase.buildId : null;
  const outcome = phase.kind === "shown" ? phase.log.outcome : null;
  const edited = useCallback(() => setSeen(buildId), [buildId]);
  const range = outcome?.state === "failed" ? outcome.range : null;
  const text = outcome?.state === "failed" && range !== null ? sentence(outcome.error, excerptOf(range)) : "";
  const marks = useMemo<readonly Mark[]>(
    () => (range === null || seen === buildId ? NO_MARKS : [{ severity: "error", range, text }]),
    [range, text, seen, buildId],
  );
  return { marks, edited };
}
