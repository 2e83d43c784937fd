import type { WireError } from "@slipway/protocol";
import { useTranslations } from "use-intl";
import { Button } from "../../ui/button.tsx";
import { useErrorSentence } from "../../ui/error-sentence.ts";

export function Loading({ children }: { readonly children: string }) {
  return (
    <p role="status" className="tide px-4 py-3 text-ink-soft text-small">
      {children}
    </p>
  );
}

export function Failed({ error, again }: { readonly error: WireError; readonly again: () => void }) {
  const t = useTranslations("layers");
  const sentence = useErrorSentence();
  return (
    <div role="alert" className="flex flex-wrap items-center gap-3 px-4 py-3">
      <p className="text-bad">{sentence(error)}</p>
      <Button size="small" onClick={again}>
        {t("again")}
      </Button>
    </div>
  );
}
