import { ReadingPage } from "./chrome.tsx";
import { readPreferences, translatorOf } from "./preferences.ts";

export default async function NotFoundPage() {
  const preferences = await readPreferences();
  const t = translatorOf(preferences.language);
  return (
    <ReadingPage preferences={preferences}>
      <div className="flex flex-1 flex-col items-start justify-center gap-4 pb-24">
        <h1 className="text-title font-semibold tracking-[-0.02em]">{t("notFound.title")}</h1>
        <p className="text-large text-ink-soft">{t("notFound.text")}</p>
        <a
          href="/"
          className="mt-2 font-medium text-sea underline decoration-1 underline-offset-4 hover:text-sea-strong"
        >
          {t("notFound.home")}
        </a>
      </div>
    </ReadingPage>
  );
}
