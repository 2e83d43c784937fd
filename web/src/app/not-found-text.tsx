import type { Language } from "../ui/language/language.ts";
import { translatorOf } from "./preferences.ts";

/** Says that there is nothing, and the way back. */
export function NotFoundText({ language }: { readonly language: Language }) {
  const t = translatorOf(language);
  return (
    <div className="flex flex-1 flex-col items-start justify-center gap-4 pb-24">
      <h1 className="font-semibold text-title tracking-[-0.02em]">{t("notFound.title")}</h1>
      <p className="text-ink-soft text-large">{t("notFound.text")}</p>
      <a
        href="/"
        className="mt-2 font-medium text-sea underline decoration-1 underline-offset-4 hover:text-sea-strong"
      >
        {t("notFound.home")}
      </a>
    </div>
  );
}
