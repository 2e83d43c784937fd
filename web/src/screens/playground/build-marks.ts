import { useCallback, useMemo, useState } from "react";
import type { BuildPhase } from "../../features/build-log/use-build.ts";
import { useWarningSentence } from "../../features/build-log/warning-sentence.ts";
import type { Mark, Reveal } from "../../features/editor/marks.ts";
import { useErrorSentence } from "../../ui/error-sentence.ts";

export const NO_MARKS: readonly Mark[] = [];

/** What the newest build says of places in the Dockerfile, as marks there until the Dockerfile is edited. */
export function useBuildMarks(
  phase: BuildPhase,
  excerptOf: (range: Reveal["range"]) => string,
): { marks: readonly Mark[]; edited: () => void } {
  const sentence = useErrorSentence();
  const warningSentence = useWarningSentence();
  const [seen, setSeen] = useState<string | null>(null);
  const buildId = phase.kind === "shown" ? phase.buildId : null;
  const outcome = phase.kind === "shown" ? phase.log.outcome : null;
  // Lines of an older build are those of another text.
  const warnings = phase.kind === "shown" && phase.olderOf === null ? phase.log.warnings : null;
  const edited = useCallback(() => setSeen(buildId), [buildId]);
  const range = outcome?.state === "failed" ? outcome.range : null;
  const text = outcome?.state === "failed" && range !== null ? sentence(outcome.error, excerptOf(range)) : "";
  const marks = useMemo<readonly Mark[]>(() => {
    if (seen === buildId || warnings === null) return NO_MARKS;
    const failure: Mark[] = range === null ? [] : [{ severity: "error", range, text }];
    const notes = warnings.flatMap((warning): Mark[] =>
      warning.range === null
        ? []
        : [{ severity: "warning", range: warning.range, text: warningSentence(warning) }],
    );
    return failure.length + notes.length === 0 ? NO_MARKS : [...failure, ...notes];
  }, [range, text, warnings, warningSentence, seen, buildId]);
  return { marks, edited };
}
