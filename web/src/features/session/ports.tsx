import type { SessionPort } from "@slipway/protocol";
import { ExternalLink } from "lucide-react";
import { useTranslations } from "use-intl";
import { classNames } from "../../ui/class-names.ts";
import { usePortTab } from "./use-port-tab.ts";

export interface PortsProps {
  readonly ports: readonly SessionPort[];
  readonly previewUrl: (port: number) => Promise<string>;
  /** The port that is shown beside the terminals. */
  readonly shown: number | null;
  readonly onShow: (port: number | null) => void;
}

/** Names the chip of a port, so that whoever closes its preview is back there. */
export const chipOf = (port: number): string => `port-${port}`;

/** The ports of a session: those that answer open beside the terminals or in a tab of their own, the others say why not. */
export function Ports({ ports, previewUrl, shown, onShow }: PortsProps) {
  const t = useTranslations("session");
  const tab = usePortTab();
  const loopback = ports.find((port) => port.loopbackOnly);
  if (ports.length === 0) return null;
  return (
    <div className="border-line border-b px-4 py-2">
      <ul aria-label={t("ports")} className="flex flex-wrap gap-2">
        {ports.map((port) => (
          <li key={port.port}>
            <PortChip
              port={port}
              isShown={shown === port.port}
              onShow={() => onShow(shown === port.port ? null : port.port)}
              onTab={() => void tab.open(() => previewUrl(port.port))}
            />
          </li>
        ))}
      </ul>
      {loopback !== undefined && (
        <p className="pt-1.5 text-ink-soft text-small">
          {t("portLoopbackText", { port: String(loopback.port) })}
        </p>
      )}
      <p role="alert" className="pt-1.5 text-bad text-small empty:hidden">
        {tab.failure}
      </p>
    </div>
  );
}

function PortChip(props: {
  readonly port: SessionPort;
  readonly isShown: boolean;
  readonly onShow: () => void;
  readonly onTab: () => void;
}) {
  const t = useTranslations("session");
  const tPreview = useTranslations("preview");
  const { port } = props;
  const number = String(port.port);
  const shape = "flex h-8 items-center gap-2 rounded-medium text-small";
  if (port.listening && !port.loopbackOnly) {
    const tabLabel = t("portOpen", { port: number });
    return (
      <span className={classNames(shape, "bg-sea-soft font-medium text-ink")}>
        <button
          type="button"
          id={chipOf(port.port)}
          aria-label={tPreview("show", { port: number })}
          aria-pressed={props.isShown}
          onClick={props.onShow}
          className="flex h-full items-center gap-2 rounded-medium pl-2.5 hover:text-sea-strong"
        >
          <span aria-hidden="true" className="size-2 rounded-[50%] bg-good" />
          <span className="font-mono">{number}</span>
          <span className="text-sea">{tPreview(props.isShown ? "shown" : "showShort")}</span>
        </button>
        <button
          type="button"
          title={tabLabel}
          aria-label={tabLabel}
          onClick={props.onTab}
          className="flex h-full items-center rounded-medium pr-2.5 pl-1 text-sea hover:text-sea-strong"
        >
          <ExternalLink size={14} aria-hidden="true" />
        </button>
      </span>
    );
  }
  return (
    <span className={classNames(shape, "border border-line border-dashed px-2.5 text-ink-faint")}>
      <span className="font-mono">{number}</span>
      {port.loopbackOnly ? t("portLoopback") : t("portWaiting")}
    </span>
  );
}
