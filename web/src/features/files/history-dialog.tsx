import { type FormEvent, useState } from "react";
import { useLocale, useTranslations } from "use-intl";
import type { PlaygroundVersion, VersionDifference } from "../../rpc/client.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { useErrorSentence } from "../../ui/error-sentence.ts";
import { TextInput } from "../../ui/field.tsx";
import { bytes, timeAgo } from "../../ui/format.ts";
import { useHistory } from "./use-history.ts";
import { VersionText } from "./version-text.tsx";

export interface HistoryDialogProps {
  readonly playgroundId: string;
  /** Saves what is being edited, so that it is part of the history. */
  readonly save: () => Promise<unknown>;
  readonly onClose: () => void;
}

/** Earlier states of the files: what was different then, and the way back. */
export function HistoryDialog({ playgroundId, save, onClose }: HistoryDialogProps) {
  const t = useTranslations("files.history");
  const sentence = useErrorSentence();
  const history = useHistory(playgroundId);
  const { versions, chosen } = history;
  const restore = async () => {
    await save();
    if (chosen !== null && (await history.restore(chosen))) onClose();
  };
  return (
    <Dialog title={t("title")} text={t("text")} closeLabel={t("close")} onClose={onClose} wide>
      <div className="grid min-h-0 flex-1 overflow-y-auto medium:grid-cols-[17rem_minmax(0,1fr)] medium:overflow-hidden">
        <div className="flex min-h-0 flex-col gap-3 border-line p-4 medium:border-r">
          <KeepForm
            onKeep={async (name) => {
              await save();
              return history.keep(name);
            }}
          />
          {versions?.length === 0 && <p className="text-ink-soft">{t("none")}</p>}
          <ul aria-label={t("versions")} className="max-h-[14rem] overflow-y-auto medium:max-h-[52dvh]">
            {versions?.map((version) => (
              <li key={version.number}>
                <VersionRow
                  version={version}
                  current={version.number === chosen}
                  onChoose={() => history.choose(version.number)}
                />
              </li>
            ))}
          </ul>
        </div>
        <div className="flex min-h-[16rem] min-w-0 flex-col gap-3 p-4">
          {history.error && (
            <p role="alert" className="text-bad">
              {sentence(history.error)}
            </p>
          )}
          {chosen !== null && history.differences !== null && (
            <Differences
              key={chosen}
              playgroundId={playgroundId}
              number={chosen}
              differences={history.differences}
            />
          )}
          {chosen !== null && (
            <div className="mt-auto flex flex-wrap items-center justify-end gap-3">
              <p className="text-ink-faint text-small">{t("restoreText")}</p>
              <Button
                look="primary"
                disabled={history.differences?.length === 0}
                onClick={() => void restore()}
              >
                {t("restore", { number: String(chosen) })}
              </Button>
            </div>
          )}
        </div>
      </div>
    </Dialog>
  );
}

function KeepForm({ onKeep }: { readonly onKeep: (name: string) => Promise<boolean> }) {
  const t = useTranslations("files.history");
  const [name, setName] = useState("");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (name.trim() !== "") void onKeep(name).then((kept) => kept && setName(""));
  };
  return (
    <form onSubmit={submit} className="flex gap-1.5">
      <TextInput
        aria-label={t("name")}
        placeholder={t("name")}
        value={name}
        maxLength={80}
        onChange={({ currentTarget }) => setName(currentTarget.value)}
      />
      <Button type="submit">{t("keep")}</Button>
    </form>
  );
}

interface VersionRowProps {
  readonly version: PlaygroundVersion;
  readonly current: boolean;
  readonly onChoose: () => void;
}

function VersionRow({ version, current, onChoose }: VersionRowProps) {
  const t = useTranslations("files.history");
  const language = useLocale();
  const { number, name, cause, createdAt, fileCount, byteCount } = version;
  return (
    <button
      type="button"
      aria-current={current ? "true" : undefined}
      onClick={onChoose}
      className="w-full rounded-medium px-2.5 py-1.5 text-left hover:bg-hover aria-[current]:bg-sea-soft"
    >
      <span className="flex items-baseline gap-2">
        <span className="truncate font-medium">{name ?? t(`cause.${cause}`)}</span>
        <time
          dateTime={new Date(createdAt).toISOString()}
          title={new Date(createdAt).toLocaleString(language)}
          className="ml-auto shrink-0 text-ink-faint text-small"
        >
          {timeAgo(createdAt, Date.now(), language)}
        </time>
      </span>
      <span className="block text-ink-faint text-small">
        {t("summary", { number: String(number), files: fileCount, size: bytes(byteCount) })}
      </span>
    </button>
  );
}

interface DifferencesProps {
  readonly playgroundId: string;
  readonly number: number;
  readonly differences: readonly VersionDifference[];
}

function Differences({ playgroundId, number, differences }: DifferencesProps) {
  const t = useTranslations("files.history");
  const files = differences.filter(({ entry }) => entry.digest !== null);
  const [path, setPath] = useState<string | null>(files[0]?.path ?? null);
  const shown = files.find((difference) => difference.path === path);
  if (differences.length === 0) return <p className="text-ink-soft">{t("same")}</p>;
  return (
    <>
      <h3 className="font-medium text-small">{t("differences")}</h3>
      <ul aria-label={t("differences")} className="max-h-[9rem] shrink-0 overflow-y-auto">
        {files.map((difference) => (
          <li key={difference.path}>
            <button
              type="button"
              aria-current={difference.path === path ? "true" : undefined}
              onClick={() => setPath(difference.path)}
              className="flex w-full items-baseline gap-2 rounded-small px-2 py-1 text-left hover:bg-hover aria-[current]:bg-sea-soft"
            >
              <span className="min-w-0 truncate font-mono text-small">{difference.path}</span>
              <span className="ml-auto shrink-0 text-ink-faint text-small">
                {t(`change.${difference.change}`)}
              </span>
            </button>
          </li>
        ))}
      </ul>
      {shown && (
        <VersionText key={shown.path} playgroundId={playgroundId} number={number} difference={shown} />
      )}
    </>
  );
}
