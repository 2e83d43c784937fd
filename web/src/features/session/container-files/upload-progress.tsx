import { useTranslations } from "use-intl";
import { Button } from "../../../ui/button.tsx";
import { useErrorSentence } from "../../../ui/error-sentence.ts";
import { binaryBytes } from "../../../ui/format.ts";
import { shownText } from "../../../ui/shown-text.ts";
import type { UploadState } from "./uploads.ts";

/** Failures that are named; more are counted. */
const NAMED_FAILURES = 5;

/** How far an upload is, what came of it, and what of it failed. */
export function UploadProgress({
  state,
  onStop,
}: {
  readonly state: UploadState;
  readonly onStop: () => void;
}) {
  const t = useTranslations("containerFiles");
  const sentence = useErrorSentence();
  const { directory, files, done, sentBytes, totalBytes, failures, isOver } = state;
  const more = failures.length - NAMED_FAILURES;
  return (
    <div className="flex flex-col gap-1.5 text-small">
      {isOver ? (
        <p role="status" className={failures.length === 0 && done === files ? "text-good" : "text-ink"}>
          {t("done", { done, files: String(files), path: shownText(directory) })}
        </p>
      ) : (
        <div className="flex items-center gap-3">
          <progress
            aria-label={t("progress")}
            max={Math.max(1, totalBytes)}
            value={sentBytes}
            className="h-2 min-w-0 flex-1 accent-sea"
          />
          <span className="shrink-0 text-ink-soft tabular-nums">
            {t("running", {
              done: String(done),
              files: String(files),
              sent: binaryBytes(sentBytes),
              total: binaryBytes(totalBytes),
            })}
          </span>
          <Button size="small" onClick={onStop}>
            {t("stop")}
          </Button>
        </div>
      )}
      {failures.length > 0 && (
        <ul role="alert" className="text-bad">
          {failures.slice(0, NAMED_FAILURES).map(({ path, error }) => (
            <li key={path}>{t("failed", { name: shownText(path), reason: sentence(error) })}</li>
          ))}
          {more > 0 && <li>{t("moreFailed", { more })}</li>}
        </ul>
      )}
    </div>
  );
}
