import type { ReactNode } from "react";
import { useLocale, useTranslations } from "use-intl";
import { useErrorSentence } from "../../ui/error-sentence.ts";
import type { Polled } from "./use-polled.ts";

/** What was read, or that it is being read, or why it could not be. */
export function PolledView<Answer>(props: {
  readonly polled: Polled<Answer>;
  readonly children: (answer: Answer) => ReactNode;
}) {
  const t = useTranslations("admin");
  const language = useLocale();
  const sentence = useErrorSentence();
  const { polled, children } = props;
  if (polled.state === "loading") {
    return (
      <p role="status" className="tide py-6 text-ink-soft">
        {t("loading")}
      </p>
    );
  }
  if (polled.state === "failed") {
    return (
      <p role="alert" className="py-6 text-bad">
        {sentence(polled.error)}
      </p>
    );
  }
  return (
    <>
      {polled.stale && (
        <p role="alert" className="mb-3 rounded-medium bg-warn-soft px-4 py-2 text-small">
          {t("stale", { time: new Date(polled.at).toLocaleTimeString(language) })}
        </p>
      )}
      {children(polled.answer)}
    </>
  );
}
