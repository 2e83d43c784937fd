import { Download, Layers, LoaderCircle, Play, Trash2 } from "lucide-react";
import { type FormEvent, useState } from "react";
import { useTranslations } from "use-intl";
import type { SavedImage, SessionView } from "../../rpc/client.ts";
import { Button, IconButton } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { useErrorSentence } from "../../ui/error-sentence.ts";
import { Labelled, TextInput } from "../../ui/field.tsx";
import { bytes, clock } from "../../ui/format.ts";
import { areFilesKept } from "./kept-files.ts";
import { useNow } from "./use-now.ts";
import { type Keeping, useSavedImages } from "./use-saved-images.ts";

const ICON = { size: 16, strokeWidth: 1.75, "aria-hidden": "true" } as const;
/** As the server has it. */
const NAME = /^(?!latest$)[a-z0-9][a-z0-9._-]{0,62}$/;

export interface KeepDialogProps {
  readonly view: SessionView;
  readonly onClose: () => void;
  readonly onLaunch: (savedImageId: string) => void;
  /** Opens the layers of a saved image. */
  readonly onLayers: (savedImageId: string) => void;
}

/** What a session wrote: save it as an image, fetch it as a file; and the images that were saved before. */
export function KeepDialog({ view, onClose, onLaunch, onLayers }: KeepDialogProps) {
  const t = useTranslations("keep");
  const sentence = useErrorSentence();
  const keeping = useSavedImages(view.playgroundId);
  const now = useNow();
  const kept = areFilesKept(view, now);
  return (
    <Dialog title={t("title")} text={t("text")} closeLabel={t("close")} onClose={onClose}>
      <div className="flex min-h-0 flex-col gap-5 overflow-y-auto px-5 py-4">
        {kept ? (
          <>
            {view.state === "ended" && view.filesKeptUntil !== null && (
              <p className="text-small text-warn">{t("until", { time: clock(view.filesKeptUntil - now) })}</p>
            )}
            <SaveForm save={(name) => keeping.save(view.id, name)} busy={keeping.busy} />
            <div>
              <Button icon={<Download {...ICON} />} onClick={() => void keeping.download(view.id)}>
                {t("download")}
              </Button>
              <p className="mt-1 text-ink-faint text-small">{t("downloadText")}</p>
            </div>
          </>
        ) : (
          <p className="text-ink-soft">{t("gone")}</p>
        )}
        <p role="alert" className="text-bad text-small empty:hidden">
          {keeping.failure && sentence(keeping.failure)}
        </p>
        <SavedList keeping={keeping} onLaunch={onLaunch} onLayers={onLayers} />
      </div>
    </Dialog>
  );
}

function SaveForm(props: { readonly save: (name: string) => Promise<void>; readonly busy: boolean }) {
  const t = useTranslations("keep");
  const [name, setName] = useState("");
  const valid = NAME.test(name);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (valid) void props.save(name).then(() => setName(""));
  };
  return (
    <form onSubmit={submit}>
      <Labelled label={t("name")} hint={t("nameText")}>
        {(ids) => (
          <span className="flex gap-2">
            <TextInput
              {...ids}
              value={name}
              maxLength={63}
              aria-invalid={name !== "" && !valid}
              onChange={({ currentTarget }) => setName(currentTarget.value)}
            />
            <Button type="submit" look="primary" disabled={!valid || props.busy}>
              {t("save")}
            </Button>
          </span>
        )}
      </Labelled>
    </form>
  );
}

function SavedList({
  keeping,
  onLaunch,
  onLayers,
}: {
  readonly keeping: Keeping;
  readonly onLaunch: (id: string) => void;
  readonly onLayers: (id: string) => void;
}) {
  const t = useTranslations("keep");
  const layersOf = useTranslations("layers");
  if (keeping.images.length === 0) return null;
  return (
    <section aria-label={t("saved")}>
      <h3 className="font-medium text-small">{t("saved")}</h3>
      <ul aria-label={t("saved")}>
        {keeping.images.map((image) => (
          <li key={image.id} className="flex flex-wrap items-center gap-x-3 border-line border-b py-1.5">
            <SavedName image={image} />
            <span className="ml-auto flex items-center gap-1">
              {image.image !== null && (
                <Button
                  size="small"
                  icon={<Play {...ICON} />}
                  aria-label={t("launch", { name: image.name })}
                  onClick={() => onLaunch(image.id)}
                >
                  {t("launchShort")}
                </Button>
              )}
              {image.image !== null && (
                <IconButton
                  label={layersOf("openSaved", { name: image.name })}
                  onClick={() => onLayers(image.id)}
                >
                  <Layers {...ICON} />
                </IconButton>
              )}
              <IconButton
                label={t("delete", { name: image.name })}
                onClick={() => void keeping.remove(image.id)}
              >
                <Trash2 {...ICON} />
              </IconButton>
            </span>
          </li>
        ))}
      </ul>
      <p className="mt-1.5 text-ink-faint text-small">
        {t("from", { reference: keeping.images[0]?.reference ?? "" })}
      </p>
    </section>
  );
}

function SavedName({ image }: { readonly image: SavedImage }) {
  const t = useTranslations("keep");
  const sentence = useErrorSentence();
  return (
    <span className="min-w-0">
      <code className="break-all text-small">{image.name}</code>{" "}
      <span role="status" className="text-ink-faint text-small">
        {image.state === "saving" && (
          <span className="inline-flex items-center gap-1.5">
            <LoaderCircle size={14} className="text-sea motion-safe:animate-spin" aria-hidden="true" />
            {t("saving")}
          </span>
        )}
        {image.state === "saved" &&
          image.image !== null &&
          t("size", { size: bytes(image.image.sizeBytes), layers: image.image.layerCount })}
        {image.state === "failed" && image.error !== null && (
          <span className="text-bad">{sentence(image.error)}</span>
        )}
      </span>
    </span>
  );
}
