import { useState } from "react";
import { useTranslations } from "use-intl";
import type { PlaygroundSummary } from "../../rpc/client.ts";
import { ConfirmDialog } from "../../ui/confirm-dialog.tsx";
import { useErrorSentence } from "../../ui/error-sentence.ts";
import { TextInput } from "../../ui/field.tsx";
import { PlaygroundRow } from "./playground-row.tsx";
import { usePlaygrounds } from "./use-playgrounds.ts";

/** All playgrounds of a person, with a search. */
export function PlaygroundList() {
  const t = useTranslations("playgrounds");
  const sentence = useErrorSentence();
  const { found, search, setSearch, error, rename, remove, fork } = usePlaygrounds();
  const [leaving, setLeaving] = useState<PlaygroundSummary | null>(null);
  return (
    <section aria-labelledby="playgrounds" className="mx-auto w-full max-w-[52rem] py-8">
      <h1 id="playgrounds" className="mb-4 font-semibold text-large">
        {t("title")}
      </h1>
      <TextInput
        type="search"
        aria-label={t("search")}
        placeholder={t("search")}
        value={search}
        maxLength={200}
        onChange={({ currentTarget }) => setSearch(currentTarget.value)}
      />
      <p role="status" className="my-3 text-ink-faint text-small">
        {found === null ? t("loading") : t("count", { count: found.length })}
      </p>
      {error && (
        <p role="alert" className="mb-3 text-bad">
          {sentence(error)}
        </p>
      )}
      {found?.length === 0 && (
        <p className="text-ink-soft">
          {t(search.trim() === "" ? "none" : "nothingFound")}{" "}
          <a href="/" className="underline underline-offset-2">
            {t("start")}
          </a>
        </p>
      )}
      <ul className="flex flex-col gap-2">
        {found?.map((playground) => (
          <li key={playground.id}>
            <PlaygroundRow
              playground={playground}
              onRename={(name) => void rename(playground.id, name)}
              onFork={() =>
                void fork(playground.id).then((id) => id !== null && window.location.assign(`/p/${id}`))
              }
              onDelete={() => setLeaving(playground)}
            />
          </li>
        ))}
      </ul>
      {leaving && (
        <ConfirmDialog
          title={t("deleteTitle", { name: leaving.name })}
          text={t("deleteText")}
          confirm={t("deleteConfirm")}
          cancel={t("keep")}
          onCancel={() => setLeaving(null)}
          onConfirm={() => {
            setLeaving(null);
            void remove(leaving.id);
          }}
        />
      )}
    </section>
  );
}
