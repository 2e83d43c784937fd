import { Check, CircleAlert, Ellipsis } from "lucide-react";
import { useTranslations } from "use-intl";
import { useErrorSentence } from "../../ui/error-sentence.ts";
import type { SaveState } from "./drafts.ts";

/** Says whether the files are saved; a failure comes with its reason and another try. */
export function SaveStateLabel({ save, retry }: { readonly save: SaveState; readonly retry: () => void }) {
  const t = useTranslations("playground");
  const sentence = useErrorSentence();
  if (save.state === "failed") {
    return (
      <p role="alert" className="flex min-w-0 items-center gap-1.5 text-small text-bad">
        <CircleAlert size={15} className="shrink-0" aria-hidden="true" />
        <span className="truncate" title={sentence(save.error)}>
          {t("saveFailed")}
        </span>
        <button type="button" onClick={retry} className="shrink-0 font-medium underline underline-offset-2">
          {t("retry")}
        </button>
      </p>
    );
  }
  return (
    <p role="status" className="flex items-center gap-1.5 text-small text-ink-faint">
      {save.state === "saved" ? (
        <Check size={15} className="text-good" aria-hidden="true" />
      ) : (
        <Ellipsis size={15} aria-hidden="true" />
      )}
      <span className="max-medium:sr-only">{t(save.state)}</span>
    </p>
  );
}
