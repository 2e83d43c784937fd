import { Cookie, ExternalLink, Frame, RotateCw, Unplug } from "lucide-react";
import { useTranslations } from "use-intl";
import { Button } from "../../../ui/button.tsx";
import { EmptyState } from "../../../ui/empty-state.tsx";
import { useErrorSentence } from "../../../ui/error-sentence.ts";
import type { PreviewFailure, PreviewState } from "./preview-state.ts";

/** What a tab of its own helps with. */
const FOR_A_TAB: ReadonlySet<PreviewFailure> = new Set(["frame-refused", "no-cookies"]);

export interface PreviewNoticeProps {
  readonly state: PreviewState;
  readonly port: string;
  readonly onAgain: () => void;
  readonly onTab: () => void;
}

/** What stands in the place of a preview that is not shown, and how it comes to be. */
export function PreviewNotice({ state, port, onAgain, onTab }: PreviewNoticeProps) {
  const t = useTranslations("preview");
  const sentence = useErrorSentence();
  const again = (
    <Button size="small" icon={<RotateCw size={14} aria-hidden="true" />} onClick={onAgain}>
      {t("again")}
    </Button>
  );
  switch (state.kind) {
    case "shown":
      return null;
    case "asking":
    case "loading":
      return (
        <p role="status" className="tide absolute inset-0 grid place-items-center p-4 text-ink-soft">
          {t("asking", { port })}
        </p>
      );
    case "refused":
      return (
        <div role="alert" className="flex-1 overflow-y-auto">
          <EmptyState icon={icon("other")} title={t("failed", { port })} action={again}>
            {sentence(state.error)}
          </EmptyState>
        </div>
      );
    case "failed": {
      const { failure } = state;
      const tab = (
        <Button
          look="primary"
          size="small"
          icon={<ExternalLink size={14} aria-hidden="true" />}
          onClick={onTab}
        >
          {t("inTab")}
        </Button>
      );
      return (
        <div role="alert" className="flex-1 overflow-y-auto">
          <EmptyState
            icon={icon(failure)}
            title={t(`failure.${failure}.title`, { port })}
            action={FOR_A_TAB.has(failure) ? tab : again}
          >
            {t(`failure.${failure}.text`)}
          </EmptyState>
        </div>
      );
    }
  }
}

function icon(failure: PreviewFailure) {
  const Icon = ICONS[failure] ?? Unplug;
  return <Icon size={22} strokeWidth={1.5} aria-hidden="true" />;
}

const ICONS: Partial<Record<PreviewFailure, typeof Unplug>> = {
  "frame-refused": Frame,
  "no-cookies": Cookie,
};
