import type { ImageAbout, ImageLayers } from "@slipway/protocol";
import { Item, Root } from "radix-ui/radio-group";
import { useTranslations } from "use-intl";
import { bytes } from "../../ui/format.ts";
import { ShownName } from "../../ui/shown-name.tsx";
import { instructionText } from "./instruction-text.ts";

/** The shortest bar of a layer that has any bytes, percent. */
const LEAST_BAR = 1;

export interface LayerMapProps {
  readonly about: ImageAbout;
  /** null while they are worked out. */
  readonly layers: ImageLayers["layers"] | null;
  readonly chosen: number;
  readonly onChoose: (layer: number) => void;
}

/** The layers from the lowest up, each with its instruction and a bar as long as it is large. */
export function LayerMap({ about, layers, chosen, onChoose }: LayerMapProps) {
  const t = useTranslations("layers");
  const most = Math.max(1, ...(layers ?? []).map(({ sizeBytes }) => sizeBytes));
  const listed = about.layers.map(({ createdBy }, place) => ({ createdBy, place, layer: layers?.[place] }));
  return (
    <Root
      aria-label={t("map")}
      value={String(chosen)}
      onValueChange={(place) => onChoose(Number(place))}
      loop={false}
      className="flex flex-col"
    >
      {listed.map(({ createdBy, place, layer }) => (
        <Item
          key={place}
          value={String(place)}
          className="border-line border-b px-4 py-2 text-left -outline-offset-2 hover:bg-hover aria-checked:bg-sea-soft"
        >
          <span className="flex items-baseline gap-2">
            <span className="shrink-0 text-ink-faint text-small tabular-nums">{place + 1}</span>
            <code className="line-clamp-2 min-w-0 flex-1 text-small [overflow-wrap:anywhere]">
              {createdBy === "" ? t("noInstruction") : <ShownName name={instructionText(createdBy)} />}
            </code>
            <span className="shrink-0 font-medium text-small tabular-nums">
              {layer === undefined ? "…" : bytes(layer.sizeBytes)}
            </span>
          </span>
          {layer !== undefined && <LayerFigures layer={layer} most={most} />}
        </Item>
      ))}
    </Root>
  );
}

function LayerFigures({
  layer,
  most,
}: {
  readonly layer: ImageLayers["layers"][number];
  readonly most: number;
}) {
  const t = useTranslations("layers");
  const width = layer.sizeBytes === 0 ? 0 : Math.max(LEAST_BAR, (100 * layer.sizeBytes) / most);
  const wasted = layer.sizeBytes === 0 ? 0 : (100 * layer.wastedBytes) / layer.sizeBytes;
  return (
    <>
      <span aria-hidden="true" className="mt-1 block h-2 rounded-small bg-sunk">
        <span className="flex h-2 overflow-hidden rounded-small bg-sea" style={{ width: `${width}%` }}>
          <span className="ml-auto h-2 bg-lead" style={{ width: `${wasted}%` }} />
        </span>
      </span>
      <span className="mt-0.5 flex flex-wrap gap-x-3 text-ink-soft text-small">
        <span>{t("counts", { added: layer.added, changed: layer.changed, removed: layer.removed })}</span>
        {layer.wastedBytes > 0 && (
          <span className="text-lead">{t("layerWasted", { size: bytes(layer.wastedBytes) })}</span>
        )}
      </span>
    </>
  );
}
