import { useEffect, useState } from "react";
import { useTranslations } from "use-intl";
import { rpc, type VersionDifference } from "../../rpc/client.ts";

export interface VersionTextProps {
  readonly playgroundId: string;
  readonly number: number;
  readonly difference: VersionDifference;
}

/** A file as it was in a version, beside the file as it is now. */
export function VersionText({ playgroundId: id, number, difference }: VersionTextProps) {
  const t = useTranslations("files.history");
  const { path, change, entry } = difference;
  const [texts, setTexts] = useState<{ readonly before: string | null; readonly now: string | null } | null>(
    null,
  );
  useEffect(() => {
    let gone = false;
    const text = (answer: Promise<{ content: string }>) =>
      answer.then(
        ({ content }) => content,
        () => null,
      );
    const earlier = change === "added" ? null : text(rpc.playground.readVersion.query({ id, number, path }));
    const current = change === "removed" ? null : text(rpc.playground.readText.query({ id, path }));
    void Promise.all([earlier, current]).then(([before, now]) => {
      if (!gone) setTexts({ before, now });
    });
    return () => {
      gone = true;
    };
  }, [id, number, path, change]);
  if (!entry.isText && change !== "changed")
    return <p className="text-ink-soft text-small">{t("notText")}</p>;
  return (
    <div className="grid min-h-0 gap-3 wide:grid-cols-2">
      {texts?.before != null && <Text label={t("before")} text={texts.before} />}
      {texts?.now != null && <Text label={t("now")} text={texts.now} />}
    </div>
  );
}

function Text({ label, text }: { readonly label: string; readonly text: string }) {
  return (
    <label className="min-w-0">
      <span className="mb-1 block text-ink-soft text-small">{label}</span>
      <textarea
        readOnly
        value={text}
        wrap="off"
        className="h-[24dvh] w-full resize-none rounded-medium border border-line bg-sunk p-2.5 font-mono text-small"
      />
    </label>
  );
}
