import type { SessionPort } from "@slipway/protocol";
import { ExternalLink } from "lucide-react";
import { useState } from "react";
import { useTranslations } from "use-intl";
import { wireErrorOf } from "../../rpc/failure.ts";
import { classNames } from "../../ui/class-names.ts";
import { useErrorSentence } from "../../ui/error-sentence.ts";

export interface PortsProps {
  readonly ports: readonly SessionPort[];
  readonly previewUrl: (port: number) => Promise<string>;
}

/** The ports of a session: those that answer open in a tab of their own, the others say why not. */
export function Ports({ ports, previewUrl }: PortsProps) {
  const t = useTranslations("session");
  const [failure, setFailure] = useState<string | null>(null);
  const sentence = useErrorSentence();

  const open = async (port: number) => {
    setFailure(null);
    // Opened within the click, because a browser blocks a tab that opens later.
    const tab = window.open("about:blank", "_blank");
    try {
      const url = await previewUrl(port);
      if (tab === null) window.location.assign(url);
      else {
        tab.opener = null;
        tab.location.replace(url);
      }
    } catch (thrown) {
      tab?.close();
      setFailure(sentence(wireErrorOf(thrown)));
    }
  };

  const loopback = ports.find((port) => port.loopbackOnly);
  if (ports.length === 0) return null;
  return (
    <div className="border-line border-b px-4 py-2">
      <ul aria-label={t("ports")} className="flex flex-wrap gap-2">
        {ports.map((port) => (
          <li key={port.port}>
            <PortChip port={port} onOpen={() => void open(port.port)} />
          </li>
        ))}
      </ul>
      {loopback !== undefined && (
        <p className="pt-1.5 text-ink-soft text-small">
          {t("portLoopbackText", { port: String(loopback.port) })}
        </p>
      )}
      <p role="alert" className="pt-1.5 text-bad text-small empty:hidden">
        {failure}
      </p>
    </div>
  );
}

function PortChip({ port, onOpen }: { readonly port: SessionPort; readonly onOpen: () => void }) {
  const t = useTranslations("session");
  const number = String(port.port);
  const shape = "flex h-8 items-center gap-2 rounded-medium px-2.5 text-small";
  if (port.listening && !port.loopbackOnly) {
    return (
      <button
        type="button"
        aria-label={t("portOpen", { port: number })}
        onClick={onOpen}
        className={classNames(shape, "bg-sea-soft font-medium text-ink hover:text-sea-strong")}
      >
        <span aria-hidden="true" className="size-2 rounded-[50%] bg-good" />
        <span className="font-mono">{number}</span>
        <span className="text-sea">{t("portOpenShort")}</span>
        <ExternalLink size={14} className="text-sea" aria-hidden="true" />
      </button>
    );
  }
  return (
    <span className={classNames(shape, "border border-line border-dashed text-ink-faint")}>
      <span className="font-mono">{number}</span>
      {port.loopbackOnly ? t("portLoopback") : t("portWaiting")}
    </span>
  );
}
