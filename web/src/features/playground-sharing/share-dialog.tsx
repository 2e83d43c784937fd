import { type ReactNode, useState } from "react";
import { useLocale, useTranslations } from "use-intl";
import { zipUrl } from "../../rpc/playground-files.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { useErrorSentence } from "../../ui/error-sentence.ts";
import { Check, FIELD } from "../../ui/field.tsx";
import { timeAgo } from "../../ui/format.ts";
import { usePlaygroundLinks } from "./use-playground-links.ts";

export interface ShareDialogProps {
  readonly playgroundId: string;
  /** Saves what is being edited, so that it is in what is taken along. */
  readonly save: () => Promise<unknown>;
  readonly onClose: () => void;
}

/** Takes a playground along, and lets others read and fork it. */
export function ShareDialog({ playgroundId, save, onClose }: ShareDialogProps) {
  const t = useTranslations("playgrounds.share");
  const language = useLocale();
  const sentence = useErrorSentence();
  const { links, made, error, make, revoke, fork } = usePlaygroundLinks(playgroundId);
  const [history, setHistory] = useState(false);
  const forkNow = async () => {
    await save();
    const id = await fork();
    if (id !== null) window.location.assign(`/p/${id}`);
  };
  return (
    <Dialog title={t("title")} text={t("text")} closeLabel={t("close")} onClose={onClose}>
      <div className="flex flex-col gap-5 overflow-y-auto p-5">
        <div className="flex flex-wrap items-center gap-2">
          <Button onClick={() => void forkNow()}>{t("fork")}</Button>
          <a
            href={zipUrl(playgroundId)}
            download
            className="inline-flex h-9 items-center rounded-medium border border-line-strong px-3.5 font-medium hover:bg-hover"
          >
            {t("zip")}
          </a>
          <p className="w-full text-ink-faint text-small">{t("forkText")}</p>
        </div>
        <div className="flex flex-wrap items-start gap-4 border-line border-t pt-4">
          <div className="min-w-0 flex-1">
            <Check label={t("history")} hint={t("historyHint")} checked={history} onChange={setHistory} />
          </div>
          <Button look="primary" onClick={() => void make(history)}>
            {t("make")}
          </Button>
        </div>
        {error && (
          <p role="alert" className="text-bad">
            {sentence(error)}
          </p>
        )}
        {made && (
          <section aria-label={t("made")} className="flex flex-col gap-2 rounded-medium bg-sunk p-3">
            <Address label={t("page")} text={made.url} />
            <Address label={t("clone")} text={`git clone ${made.cloneUrl}`} />
            <p className="text-ink-soft text-small">{t("madeText")}</p>
          </section>
        )}
        <section aria-label={t("links")}>
          <h3 className="mb-1 font-medium text-small">{t("links")}</h3>
          {links.length === 0 && <p className="text-ink-faint text-small">{t("none")}</p>}
          <ul>
            {links.map((link) => {
              const when = timeAgo(link.createdAt, Date.now(), language);
              return (
                <li key={link.id} className="flex items-center gap-3 py-1">
                  <Row>
                    {t(link.history ? "withHistory" : "plain")}{" "}
                    <span className="text-ink-faint text-small">{t("since", { when })}</span>
                  </Row>
                  <Button
                    size="small"
                    aria-label={t("revoke", { when })}
                    onClick={() => void revoke(link.id)}
                  >
                    {t("revokeShort")}
                  </Button>
                </li>
              );
            })}
          </ul>
        </section>
      </div>
    </Dialog>
  );
}

const Row = ({ children }: { readonly children: ReactNode }) => (
  <span className="min-w-0 flex-1 truncate">{children}</span>
);

/** An address that can be selected and copied. */
function Address({ label, text }: { readonly label: string; readonly text: string }) {
  const t = useTranslations("playgrounds.share");
  const [copied, setCopied] = useState(false);
  const copy = () => void navigator.clipboard?.writeText(text).then(() => setCopied(true));
  return (
    <div className="flex items-center gap-2">
      <input
        readOnly
        aria-label={label}
        value={text}
        onFocus={({ currentTarget }) => currentTarget.select()}
        className={`${FIELD} h-9 font-mono text-small`}
      />
      <Button size="small" aria-label={t("copy", { what: label })} onClick={copy}>
        {copied ? t("copied") : t("copy", { what: label })}
      </Button>
    </div>
  );
}
