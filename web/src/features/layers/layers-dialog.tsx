import type { ImageAbout } from "@slipway/protocol";
import { type ReactNode, useState } from "react";
import { useTranslations } from "use-intl";
import { type ImageName, rpc } from "../../rpc/client.ts";
import { Dialog } from "../../ui/dialog.tsx";
import { bytes } from "../../ui/format.ts";
import { Failed, Loading } from "./answer-state.tsx";
import { CompareTab } from "./compare-tab.tsx";
import { ConfigTab } from "./config-tab.tsx";
import { FilesTab } from "./files-tab.tsx";
import { ImagePicker, type UnlistedImage } from "./image-picker.tsx";
import { LayerMap } from "./layer-map.tsx";
import { TabBar, tabId, tabPanelId } from "./tab-bar.tsx";
import { type Answer, useAnswer } from "./use-answer.ts";
import { WastedTab } from "./wasted-tab.tsx";

export interface LayersDialogProps {
  readonly playgroundId: string;
  /** The image that is looked into first. */
  readonly image: ImageName;
  /** The one that it is compared with first, or null for a look at its files. */
  readonly earlier: ImageName | null;
  /** How `image` is called where the playground does not list it. */
  readonly label: string | null;
  readonly onClose: () => void;
}

/** A look into the layers of an image of the playground. Nothing of it is asked for before it is in sight. */
export function LayersDialog({ playgroundId, image: first, earlier, label, onClose }: LayersDialogProps) {
  const t = useTranslations("layers");
  const [image, setImage] = useState(first);
  const key = JSON.stringify(image);
  const about = useAnswer(key, (signal) => rpc.image.about.query({ playgroundId, image }, { signal }));
  const list = useAnswer("list", (signal) => rpc.image.list.query({ playgroundId }, { signal }));
  const images = list.answer.state === "here" ? list.answer.value : [];
  const unlisted: UnlistedImage | null = label === null ? null : { name: first, label };
  return (
    <Dialog full title={t("title")} text={t("text")} closeLabel={t("close")} onClose={onClose}>
      {images.length + (unlisted === null ? 0 : 1) > 1 && (
        <div className="border-line border-b px-4 py-2">
          <ImagePicker
            label={t("image")}
            images={images}
            unlisted={unlisted}
            chosen={image}
            onChoose={setImage}
          />
        </div>
      )}
      {about.answer.state === "loading" && <Loading>{t("loading")}</Loading>}
      {about.answer.state === "failed" && <Failed error={about.answer.error} again={about.again} />}
      {about.answer.state === "here" && (
        <Look
          key={key}
          playgroundId={playgroundId}
          image={image}
          about={about.answer.value}
          firstTab={earlier === null ? "files" : "compare"}
          compare={
            <CompareTab
              playgroundId={playgroundId}
              image={image}
              images={images}
              unlisted={unlisted}
              earlier={earlier}
            />
          }
        />
      )}
    </Dialog>
  );
}

interface LookProps {
  readonly playgroundId: string;
  readonly image: ImageName;
  readonly about: ImageAbout;
  readonly firstTab: LayersTab;
  readonly compare: ReactNode;
}

const TABS = ["files", "wasted", "config", "compare"] as const;
export type LayersTab = (typeof TABS)[number];

function Look({ playgroundId, image, about, firstTab, compare }: LookProps) {
  const t = useTranslations("layers");
  const [tab, setTab] = useState<LayersTab>(firstTab);
  const [layer, setLayer] = useState(Math.max(0, about.layers.length - 1));
  const [open, setOpen] = useState<string | null>(null);
  const layers = useAnswer("layers", (signal) => rpc.image.layers.query({ playgroundId, image }, { signal }));
  const worked = layers.answer.state === "here" ? layers.answer.value : null;
  return (
    <div className="flex min-h-0 flex-1 max-wide:flex-col wide:grid wide:grid-cols-[minmax(17rem,24rem)_minmax(0,1fr)]">
      <section
        aria-label={t("map")}
        className="flex min-h-0 flex-col border-line max-wide:max-h-[30%] max-wide:border-b wide:border-r"
      >
        <p className="border-line border-b px-4 py-1.5 text-ink-soft text-small">
          <Sum answer={layers.answer} count={about.layers.length} />
        </p>
        {layers.answer.state === "failed" && <Failed error={layers.answer.error} again={layers.again} />}
        <div className="min-h-0 overflow-y-auto">
          <LayerMap about={about} layers={worked?.layers ?? null} chosen={layer} onChoose={setLayer} />
        </div>
      </section>
      <div className="flex min-h-0 min-w-0 flex-1 flex-col">
        <TabBar
          label={t("views")}
          tabs={TABS}
          chosen={tab}
          onChoose={setTab}
          nameOf={(name) => t(`tab.${name}`)}
        />
        <div
          role="tabpanel"
          id={tabPanelId(tab)}
          aria-labelledby={tabId(tab)}
          className="flex min-h-0 flex-1 flex-col"
        >
          {tab === "files" && about.layers.length === 0 && (
            <p className="px-4 py-3 text-ink-soft">{t("noLayers")}</p>
          )}
          {tab === "files" && about.layers.length > 0 && (
            <FilesTab
              playgroundId={playgroundId}
              image={image}
              layer={layer}
              onLayer={setLayer}
              open={open}
              onOpen={setOpen}
            />
          )}
          {tab === "wasted" &&
            (worked === null ? (
              <Loading>{t("workingOut")}</Loading>
            ) : (
              <WastedTab
                layers={worked}
                onOpen={(path, at) => {
                  setLayer(at);
                  setOpen(path);
                  setTab("files");
                }}
              />
            ))}
          {tab === "config" && <ConfigTab about={about} />}
          {tab === "compare" && compare}
        </div>
      </div>
    </div>
  );
}

function Sum({
  answer,
  count,
}: {
  readonly answer: Answer<{ readonly layers: readonly { sizeBytes: number }[] }>;
  readonly count: number;
}) {
  const t = useTranslations("layers");
  if (answer.state === "failed") return t("layerCount", { count });
  if (answer.state === "loading") return <span role="status">{t("workingOut")}</span>;
  const total = answer.value.layers.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  return t("layerSum", { count, size: bytes(total) });
}
