import type { ImageLayers } from "@slipway/protocol";
import { useTranslations } from "use-intl";
import { bytes } from "../../ui/format.ts";
import { ShownName } from "../../ui/shown-name.tsx";

export interface WastedTabProps {
  readonly layers: ImageLayers;
  /** Opens a file as of a layer. */
  readonly onOpen: (path: string, layer: number) => void;
}

/** Bytes that are in the image and that nobody sees, and the files that they are of. */
export function WastedTab({ layers: { layers, wasted }, onOpen }: WastedTabProps) {
  const t = useTranslations("layers");
  const total = layers.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const lost = layers.reduce((sum, { wastedBytes }) => sum + wastedBytes, 0);
  const share = total === 0 ? 100 : Math.round((100 * (total - lost)) / total);
  return (
    <div tabIndex={0} className="min-h-0 flex-1 overflow-y-auto px-4 py-3 -outline-offset-2">
      <p className="max-w-[44rem]">
        {lost === 0
          ? t("nothingWasted")
          : t("wastedSum", { lost: bytes(lost), total: bytes(total), share: String(share) })}
      </p>
      {lost > 0 && <p className="mt-1 max-w-[44rem] text-ink-soft text-small">{t("wastedWhy")}</p>}
      {wasted.length > 0 && (
        <table className="mt-3 w-full text-small">
          <caption className="sr-only">{t("wastedFiles")}</caption>
          <thead className="text-left text-ink-soft">
            <tr>
              <th className="py-1 pr-3 font-medium">{t("wastedBytes")}</th>
              <th className="py-1 pr-3 font-medium">{t("file")}</th>
              <th className="py-1 font-medium">{t("wastedBy")}</th>
            </tr>
          </thead>
          <tbody>
            {wasted.map((file) => (
              <tr key={file.path} className="border-line border-t align-baseline">
                <td className="whitespace-nowrap py-1 pr-3 tabular-nums">{bytes(file.wastedBytes)}</td>
                <td className="py-1 pr-3">
                  <button
                    type="button"
                    onClick={() => onOpen(file.path, file.lostTo)}
                    className="text-left font-mono underline decoration-line-strong underline-offset-2 [overflow-wrap:anywhere]"
                  >
                    <ShownName name={file.path} />
                  </button>
                </td>
                <td className="py-1 text-ink-soft">
                  {t(file.isRemoved ? "wroteAndRemoved" : "wroteAndReplaced", {
                    copies: file.copies,
                    from: String(file.writtenBy + 1),
                    by: String(file.lostTo + 1),
                  })}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </div>
  );
}
