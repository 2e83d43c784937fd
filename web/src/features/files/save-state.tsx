import { Check, CircleAlert, CloudOff, Ellipsis } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslations } from "use-intl";
import { useErrorSentence } from "../../ui/error-sentence.ts";
import type { SaveState } from "./draft.ts";

export interface SaveStateLabelProps {
  readonly save: SaveState;
  readonly retry: () => void;
  /** Shows the two texts of a file that is in conflict. */
  readonly onConflict: (path: string) => void;
}

/** Says whether the files are saved; what stands in the way comes with its reason and what to do. */
export function SaveStateLabel({ save, retry, onConflict }: SaveStateLabelProps) {
  const t = useTranslations("files");
  const sentence = useErrorSentence();
  if (save.state === "failed") {
    return (
      <Trouble text={t("saveFailed")} hint={sentence(save.error)}>
        <button type="button" onClick={retry} className="shrink-0 font-medium underline underline-offset-2">
          {t("retry")}
        </button>
      </Trouble>
    );
  }
  if (save.state === "conflict") {
    return (
      <Trouble text={t("inConflict", { path: save.path })} hint={t("inConflict", { path: save.path })}>
        <button
          type="button"
          onClick={() => onConflict(save.path)}
          className="shrink-0 font-medium underline underline-offset-2"
        >
          {t("showConflict")}
        </button>
      </Trouble>
    );
  }
  const offline = save.state === "offline";
  const Icon = save.state === "saved" ? Check : offline ? CloudOff : Ellipsis;
  const text = offline ? t(save.kept ? "offlineKept" : "offline") : t(save.state);
  return (
    <p role="status" title={text} className="flex min-w-0 items-center gap-1.5 text-ink-faint text-small">
      <Icon
        size={15}
        className={save.state === "saved" ? "shrink-0 text-good" : "shrink-0"}
        aria-hidden="true"
      />
      <span className={offline ? "truncate text-ink" : "max-medium:sr-only"}>{text}</span>
    </p>
  );
}

function Trouble(props: { readonly text: string; readonly hint: string; readonly children: ReactNode }) {
  return (
    <p role="alert" className="flex min-w-0 items-center gap-1.5 text-bad text-small">
      <CircleAlert size={15} className="shrink-0" aria-hidden="true" />
      <span className="truncate" title={props.hint}>
        {props.text}
      </span>
      {props.children}
    </p>
  );
}
