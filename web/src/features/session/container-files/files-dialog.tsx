import { MAX_UPLOAD_BYTES } from "@slipway/protocol";
import {
  CornerLeftUp,
  Download,
  File as FileIcon,
  FilePlus2,
  Folder,
  FolderUp,
  Link2Off,
} from "lucide-react";
import { useState } from "react";
import { useTranslations } from "use-intl";
import { Button, IconButton } from "../../../ui/button.tsx";
import { classNames } from "../../../ui/class-names.ts";
import { collectDrop } from "../../../ui/collect-files.ts";
import { Dialog } from "../../../ui/dialog.tsx";
import { useErrorSentence } from "../../../ui/error-sentence.ts";
import { TextInput } from "../../../ui/field.tsx";
import { FileChoice } from "../../../ui/file-choice.tsx";
import { binaryBytes } from "../../../ui/format.ts";
import { ShownName } from "../../../ui/shown-name.tsx";
import { shownText } from "../../../ui/shown-text.ts";
import type { FilesOrder } from "./files-order.ts";
import { above, inOrder, within } from "./places.ts";
import { UploadProgress } from "./upload-progress.tsx";
import { type ContainerFilesState, useContainerFiles } from "./use-container-files.ts";

const ICON = { size: 16, strokeWidth: 1.75, "aria-hidden": "true" } as const;
const KIND_ICONS = { directory: Folder, file: FileIcon, link: Link2Off, other: FileIcon } as const;

export interface FilesDialogProps {
  readonly sessionId: string;
  readonly order: FilesOrder;
  readonly onClose: () => void;
}

/** Files of the container: look around, put some in, take some out. */
export function FilesDialog({ sessionId, order, onClose }: FilesDialogProps) {
  const t = useTranslations("containerFiles");
  const sentence = useErrorSentence();
  const files = useContainerFiles(sessionId, order);
  const { listing, failure, uploading } = files;
  const [isOver, setOver] = useState(false);
  const running = uploading !== null && !uploading.isOver;
  return (
    <Dialog title={t("title")} text={t("text")} closeLabel={t("close")} onClose={onClose} wide>
      <fieldset
        aria-label={t("title")}
        onDragOver={(event) => {
          if (!event.dataTransfer.types.includes("Files")) return;
          event.preventDefault();
          setOver(!running);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={(event) => {
          event.preventDefault();
          setOver(false);
          if (!running) void collectDrop(event.dataTransfer)().then(files.put);
        }}
        className="contents"
      >
        <div
          className={classNames(
            "flex min-h-0 min-w-0 flex-1 flex-col gap-3 p-4 medium:p-5",
            isOver && "bg-sea-soft",
          )}
        >
          <PathBar key={listing?.path} files={files} />
          <div className="flex flex-wrap items-center gap-2">
            <FileChoice
              size="small"
              label={t("putFiles")}
              icon={<FilePlus2 {...ICON} />}
              disabled={running}
              onChosen={files.put}
            />
            <FileChoice
              size="small"
              label={t("putFolder")}
              icon={<FolderUp {...ICON} />}
              folder
              disabled={running}
              onChosen={files.put}
            />
            {listing !== null && (
              <Button size="small" icon={<Download {...ICON} />} onClick={() => files.download(listing.path)}>
                {t("takeFolder")}
              </Button>
            )}
          </div>
          {uploading !== null && <UploadProgress state={uploading} onStop={files.stop} />}
          <p role="alert" className="text-bad text-small empty:hidden">
            {failure && sentence(failure)}
          </p>
          <Entries files={files} />
          <p className="text-ink-faint text-small">{t("limits", { size: binaryBytes(MAX_UPLOAD_BYTES) })}</p>
        </div>
      </fieldset>
    </Dialog>
  );
}

/** Where one is, to be read and to be typed. */
function PathBar({ files }: { readonly files: ContainerFilesState }) {
  const t = useTranslations("containerFiles");
  const path = files.listing?.path ?? "";
  const [text, setText] = useState(shownText(path));
  return (
    <form
      className="flex items-center gap-2"
      onSubmit={(event) => {
        event.preventDefault();
        files.go(text === shownText(path) ? path : text);
      }}
    >
      <IconButton
        label={t("up")}
        disabled={path === "/" || path === ""}
        onClick={() => files.go(above(path))}
      >
        <CornerLeftUp {...ICON} />
      </IconButton>
      <TextInput
        aria-label={t("path")}
        className="font-mono text-small"
        value={text}
        onChange={({ currentTarget }) => setText(currentTarget.value)}
      />
      <Button type="submit" size="small" disabled={files.busy}>
        {t("open")}
      </Button>
    </form>
  );
}

function Entries({ files }: { readonly files: ContainerFilesState }) {
  const t = useTranslations("containerFiles");
  const { listing } = files;
  if (listing === null) {
    return <p className="min-h-40 text-ink-soft text-small">{files.busy ? t("loading") : ""}</p>;
  }
  const { path, entries, cut } = listing;
  return (
    <div aria-busy={files.busy} className="min-h-40 flex-1 overflow-y-auto rounded-medium border border-line">
      {entries.length === 0 && <p className="px-3 py-3 text-ink-soft text-small">{t("empty")}</p>}
      <ul aria-label={t("entries", { path: shownText(path) })}>
        {inOrder(entries).map((entry) => {
          const name = shownText(entry.name);
          const Icon = KIND_ICONS[entry.kind];
          const label = (
            <>
              <Icon {...ICON} className="shrink-0 text-ink-faint" />
              <span className="truncate font-mono text-small">
                <ShownName name={entry.name} />
              </span>
            </>
          );
          return (
            <li
              key={entry.name}
              className="flex h-9 items-center gap-2 border-line border-b pr-1 pl-3 last:border-b-0"
            >
              {entry.kind === "directory" ? (
                <button
                  type="button"
                  onClick={() => files.go(within(path, entry.name))}
                  className="flex h-full min-w-0 flex-1 items-center gap-2 text-left hover:text-sea"
                >
                  {label}
                </button>
              ) : (
                <span className="flex min-w-0 flex-1 items-center gap-2">{label}</span>
              )}
              <span className="shrink-0 text-ink-faint text-small tabular-nums">
                {entry.kind === "file" && binaryBytes(entry.sizeBytes)}
                {entry.kind === "link" && t("lost")}
                {entry.kind === "other" && t("special")}
              </span>
              {entry.kind === "file" || entry.kind === "directory" ? (
                <IconButton
                  label={t("take", { name })}
                  onClick={() => files.download(within(path, entry.name))}
                >
                  <Download {...ICON} />
                </IconButton>
              ) : (
                <span className="w-8" />
              )}
            </li>
          );
        })}
      </ul>
      {cut && <p className="px-3 py-2 text-ink-soft text-small">{t("cut")}</p>}
    </div>
  );
}
