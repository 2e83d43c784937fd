import type { PulledLayer } from "@slipway/protocol";
import { useTranslations } from "use-intl";
import { classNames } from "../../ui/class-names.ts";
import { bytes } from "../../ui/format.ts";
import { layerShare, type Pull, pulledBytes, shortDigest } from "./pull.ts";

/** A base image on its way: how much of it is here, and where each of its layers stands. */
export function PullList({ pull }: { readonly pull: Pull }) {
  const t = useTranslations("build");
  const { received, total } = pulledBytes(pull);
  const title = t("pull", { reference: pull.reference });
  return (
    <div className="mx-3 mb-3 ml-10 rounded-medium bg-sunk px-3 py-2 text-small">
      <p className="flex flex-wrap justify-between gap-x-3">
        <span className="min-w-0 truncate font-medium">{title}</span>
        <span className="text-ink-soft tabular-nums">
          {t("pullProgress", { received: bytes(received), total: bytes(total) })}
        </span>
      </p>
      <Bar label={title} share={total === 0 ? null : received / total} tall />
      <ul aria-label={title} className="mt-1.5 max-h-44 overflow-y-auto">
        {pull.layers.map((layer) => (
          <LayerRow key={layer.digest} layer={layer} />
        ))}
      </ul>
    </div>
  );
}

function LayerRow({ layer }: { readonly layer: PulledLayer }) {
  const t = useTranslations("build");
  const digest = shortDigest(layer.digest);
  return (
    <li className="grid grid-cols-[6.5rem_minmax(0,1fr)_8.5rem] items-center gap-x-3 py-0.5">
      <code className="truncate text-[0.75rem] text-ink-soft">{digest}</code>
      <Bar label={t("pullLayer", { digest })} share={layerShare(layer)} />
      <span className="text-right text-ink-faint tabular-nums">
        {layer.state === "downloading"
          ? t("pullProgress", { received: bytes(layer.receivedBytes), total: bytes(layer.totalBytes) })
          : t(`layer.${layer.state}`)}
      </span>
    </li>
  );
}

function Bar(props: { readonly label: string; readonly share: number | null; readonly tall?: boolean }) {
  return (
    <progress
      aria-label={props.label}
      value={props.share ?? undefined}
      max={1}
      className={classNames(
        "block w-full appearance-none overflow-hidden rounded-small bg-line accent-sea [&::-moz-progress-bar]:bg-sea [&::-webkit-progress-bar]:bg-line [&::-webkit-progress-value]:bg-sea",
        props.tall ? "mt-1 h-1.5" : "h-1",
      )}
    />
  );
}
