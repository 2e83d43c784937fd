import { FileArchive, FilePlus2, FolderUp, LoaderCircle } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { useTranslations } from "use-intl";
import { wireErrorOf } from "../../rpc/failure.ts";
import type { Imported } from "../../rpc/playground-files.ts";
import { Button } from "../../ui/button.tsx";
import type { Collected } from "../../ui/collect-files.ts";
import { Dialog } from "../../ui/dialog.tsx";
import { useErrorSentence } from "../../ui/error-sentence.ts";
import { FileChoice } from "../../ui/file-choice.tsx";
import { binaryBytes } from "../../ui/format.ts";
import { onlyZip, type UploadLimits, uploadFiles, uploadZip } from "./upload.ts";

type Upload =
  | { readonly state: "choosing" }
  | { readonly state: "asking"; readonly zip: File; readonly files: readonly Collected[] }
  | { readonly state: "running" }
  | { readonly state: "done"; readonly imported: Imported }
  | { readonly state: "failed"; readonly sentence: string };

export interface UploadDialogProps {
  readonly playgroundId: string;
  readonly limits: UploadLimits;
  /** Where it goes; empty for the outermost folder. */
  readonly folder: string;
  /** What was dropped, where something was. */
  readonly dropped: (() => Promise<Collected[]>) | null;
  /** Saves what is being edited, so that it is replaced and not in conflict. */
  readonly save: () => Promise<unknown>;
  readonly onClose: () => void;
}

/** Brings files, folders and zips into the playground. */
export function UploadDialog(props: UploadDialogProps) {
  const { folder, limits } = props;
  const t = useTranslations("files.upload");
  const { upload, take, run } = useUpload(props);
  const where = folder === "" ? t("outermost") : t("into", { folder });
  return (
    <Dialog title={t("title")} text={where} closeLabel={t("close")} onClose={props.onClose}>
      <div className="flex flex-col gap-4 overflow-y-auto p-5">
        {upload.state === "asking" ? (
          <div className="flex flex-wrap items-center gap-2">
            <p className="w-full">{t("unpackQuestion", { name: upload.zip.name })}</p>
            <Button look="primary" onClick={() => run({ zip: upload.zip })}>
              {t("unpack")}
            </Button>
            <Button onClick={() => run({ files: upload.files })}>{t("keepZip")}</Button>
          </div>
        ) : (
          <div className="grid gap-2 medium:grid-cols-3">
            <FileChoice
              className="h-12"
              label={t("files")}
              icon={<FilePlus2 size={18} aria-hidden="true" />}
              onChosen={take}
            />
            <FileChoice
              className="h-12"
              label={t("folder")}
              icon={<FolderUp size={18} aria-hidden="true" />}
              folder
              onChosen={take}
            />
            <FileChoice
              className="h-12"
              label={t("zip")}
              icon={<FileArchive size={18} aria-hidden="true" />}
              accept=".zip,application/zip"
              onChosen={([first]) => first?.file && run({ zip: first.file })}
            />
          </div>
        )}
        <div role="status" className="empty:hidden">
          {upload.state === "running" && (
            <p className="flex items-center gap-2">
              <LoaderCircle size={16} className="motion-safe:animate-spin" aria-hidden="true" />
              {t("running")}
            </p>
          )}
          {upload.state === "done" && <Done imported={upload.imported} />}
        </div>
        {upload.state === "failed" && (
          <p role="alert" className="text-bad">
            {upload.sentence}
          </p>
        )}
        <p className="text-ink-faint text-small">
          {t("limits", {
            files: String(limits.files),
            file: binaryBytes(limits.fileBytes),
            all: binaryBytes(limits.playgroundBytes),
          })}
        </p>
      </div>
    </Dialog>
  );
}

/** What is under way, and how it begins. */
function useUpload({ playgroundId, limits, folder, dropped, save }: UploadDialogProps) {
  const sentence = useErrorSentence();
  const [upload, setUpload] = useState<Upload>({ state: dropped === null ? "choosing" : "running" });
  const begun = useRef(false);

  const run = async (what: { readonly zip: File } | { readonly files: readonly Collected[] }) => {
    setUpload({ state: "running" });
    try {
      await save();
      const imported =
        "zip" in what
          ? await uploadZip(playgroundId, folder, what.zip, limits)
          : await uploadFiles(playgroundId, folder, what.files, limits);
      setUpload({ state: "done", imported });
    } catch (thrown) {
      setUpload({ state: "failed", sentence: sentence(wireErrorOf(thrown)) });
    }
  };
  const take = (files: readonly Collected[]) => {
    const zip = onlyZip(files);
    if (zip) setUpload({ state: "asking", zip, files });
    else if (files.length > 0) void run({ files });
    else setUpload({ state: "choosing" });
  };
  useEffect(() => {
    if (dropped === null || begun.current) return;
    begun.current = true;
    dropped().then(take, () => take([]));
  });
  return { upload, take, run: (what: Parameters<typeof run>[0]) => void run(what) };
}

function Done({ imported }: { readonly imported: Imported }) {
  const t = useTranslations("files.upload");
  return (
    <>
      <p className="text-good">{t("done", { files: imported.files })}</p>
      {imported.skipped.length > 0 && (
        <p className="mt-1 text-ink-soft text-small">
          {t("skipped", { paths: imported.skipped.join(", ") })}
        </p>
      )}
    </>
  );
}
