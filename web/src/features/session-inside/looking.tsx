import type { ContainerInside, SessionInside, WireError } from "@slipway/protocol";
import type { ReactNode } from "react";
import { useTranslations } from "use-intl";
import { useErrorSentence } from "../../ui/error-sentence.ts";

/** What was seen inside, or why it was not. */
export function Looking(props: {
  readonly label: string;
  readonly text?: string;
  readonly inside: SessionInside | null;
  readonly failure: WireError | null;
  readonly children: (inside: SessionInside) => ReactNode;
}) {
  const t = useTranslations("inside");
  const sentence = useErrorSentence();
  const { inside, failure, text } = props;
  return (
    <section aria-label={props.label} tabIndex={0} className="min-h-0 flex-1 overflow-auto p-4">
      {text !== undefined && <p className="max-w-[40rem] pb-3 text-ink-soft text-small">{text}</p>}
      {failure !== null && (
        <p role="status" className="mb-3 rounded-medium bg-warn-soft px-3 py-1.5 text-small">
          {sentence(failure)}
        </p>
      )}
      {inside === null && failure === null && (
        <p role="status" className="tide text-ink-soft text-small">
          {t("looking")}
        </p>
      )}
      {inside !== null && props.children(inside)}
    </section>
  );
}

/** What a container is called. */
export function useContainerName(): (container: ContainerInside) => string {
  const t = useTranslations("inside");
  return ({ id, main, name }) =>
    main ? t("container.main") : t("container.other", { id: name ?? id.slice(0, 12) });
}
