import { Copy, Eye, Globe, Keyboard, Trash2 } from "lucide-react";
import { useRef, useState } from "react";
import { useLocale, useTranslations } from "use-intl";
import type { LinkGrant, LinkView, MadeLink, SessionView } from "../../rpc/client.ts";
import { Button, IconButton } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { useErrorSentence } from "../../ui/error-sentence.ts";
import { Labelled, TextInput } from "../../ui/field.tsx";
import { timeAgo } from "../../ui/format.ts";
import { useLinks } from "./use-links.ts";

const ICON = { size: 16, strokeWidth: 1.75, "aria-hidden": "true" } as const;
const MOST_PORT = 65_535;

/** Links into a session: make one, copy it, take it back. */
export function ShareDialog({ view, onClose }: { readonly view: SessionView; readonly onClose: () => void }) {
  const t = useTranslations("share");
  const sentence = useErrorSentence();
  const links = useLinks(view.id);
  return (
    <Dialog title={t("title")} text={t("text")} closeLabel={t("close")} onClose={onClose}>
      <div className="flex min-h-0 flex-col gap-5 overflow-y-auto px-5 py-4">
        <MakeLinks view={view} busy={links.busy} make={links.make} />
        {links.made !== null && <Made made={links.made} />}
        <p role="alert" className="text-bad text-small empty:hidden">
          {links.failure && sentence(links.failure)}
        </p>
        <LinkList links={links.list} onRevoke={(id) => void links.revoke(id)} />
      </div>
    </Dialog>
  );
}

function MakeLinks(props: {
  readonly view: SessionView;
  readonly busy: boolean;
  readonly make: (grant: LinkGrant) => Promise<void>;
}) {
  const t = useTranslations("share");
  const { busy, make } = props;
  const listening = props.view.ports.find((port) => port.listening && !port.loopbackOnly);
  const [port, setPort] = useState(String(listening?.port ?? props.view.ports[0]?.port ?? 8080));
  const number = Number(port);
  const valid = Number.isInteger(number) && number >= 1 && number <= MOST_PORT;
  return (
    <div className="grid gap-4">
      <div className="flex flex-wrap gap-2">
        <Button
          icon={<Eye {...ICON} />}
          disabled={busy}
          onClick={() => void make({ kind: "terminal", role: "view" })}
        >
          {t("makeView")}
        </Button>
        <Button
          icon={<Keyboard {...ICON} />}
          disabled={busy}
          onClick={() => void make({ kind: "terminal", role: "drive" })}
        >
          {t("makeDrive")}
        </Button>
      </div>
      <form
        className="flex flex-wrap items-end gap-2"
        onSubmit={(event) => {
          event.preventDefault();
          if (valid) void make({ kind: "preview", port: number });
        }}
      >
        <div className="w-28">
          <Labelled label={t("port")}>
            {(ids) => (
              <TextInput
                {...ids}
                inputMode="numeric"
                value={port}
                aria-invalid={!valid}
                onChange={({ currentTarget }) => setPort(currentTarget.value)}
              />
            )}
          </Labelled>
        </div>
        <Button type="submit" icon={<Globe {...ICON} />} disabled={busy || !valid}>
          {t("makePort")}
        </Button>
      </form>
    </div>
  );
}

/** The address, which is shown here and never again. */
function Made({ made }: { readonly made: MadeLink }) {
  const t = useTranslations("share");
  const field = useRef<HTMLInputElement>(null);
  const [copied, setCopied] = useState<string | null>(null);
  const copy = async () => {
    field.current?.select();
    // Browsers give the clipboard to safe origins only; elsewhere the address is selected and can be copied by hand.
    await navigator.clipboard?.writeText(made.url).then(
      () => setCopied(made.id),
      () => undefined,
    );
  };
  return (
    <div className="rounded-medium bg-sea-soft p-3">
      <Labelled label={t("made")} hint={t("madeText")}>
        {(ids) => (
          <span className="flex gap-2">
            <TextInput {...ids} ref={field} readOnly value={made.url} className="font-mono text-small" />
            <Button icon={<Copy {...ICON} />} onClick={() => void copy()}>
              {copied === made.id ? t("copied") : t("copy")}
            </Button>
          </span>
        )}
      </Labelled>
      <span role="status" className="sr-only">
        {copied === made.id && t("copied")}
      </span>
    </div>
  );
}

function LinkList(props: { readonly links: readonly LinkView[]; readonly onRevoke: (id: string) => void }) {
  const t = useTranslations("share");
  const locale = useLocale();
  const name = (grant: LinkView["grant"]): string =>
    grant.kind === "preview" ? t("namePort", { port: String(grant.port) }) : t(`name.${grant.role}`);
  if (props.links.length === 0) return <p className="text-ink-soft text-small">{t("none")}</p>;
  return (
    <ul aria-label={t("links")} className="-mt-2">
      {props.links.map((link) => (
        <li key={link.id} className="flex items-center gap-3 border-line border-b py-1.5 last:border-b-0">
          <span className="min-w-0 truncate">{name(link.grant)}</span>
          <span className="text-ink-faint text-small">{timeAgo(link.createdAt, Date.now(), locale)}</span>
          <IconButton
            label={t("revoke", { name: name(link.grant) })}
            onClick={() => props.onRevoke(link.id)}
            className="ml-auto"
          >
            <Trash2 {...ICON} />
          </IconButton>
        </li>
      ))}
    </ul>
  );
}
