import { useTranslations } from "use-intl";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import type { Draft } from "./draft.ts";

export type ConflictChoice = "mine" | "theirs" | "both";

export interface ConflictDialogProps {
  readonly file: Draft;
  readonly onChoose: (choice: ConflictChoice) => void;
  readonly onClose: () => void;
}

/** Two texts of one file that were changed in the same lines, and what to make of them. */
export function ConflictDialog({ file, onChoose, onClose }: ConflictDialogProps) {
  const t = useTranslations("files.conflict");
  const { conflict, content, path } = file;
  if (conflict === null) return null;
  return (
    <Dialog title={t("title", { path })} text={t("text")} closeLabel={t("close")} onClose={onClose} wide>
      <div className="grid min-h-0 gap-3 overflow-y-auto p-5 medium:grid-cols-2">
        <Version label={t("mine")} text={content ?? ""} />
        {conflict.theirs === null ? (
          <p className="text-ink-soft text-small">{t("theirsBinary")}</p>
        ) : (
          <Version label={t("theirs")} text={conflict.theirs} />
        )}
      </div>
      <div className="flex flex-wrap items-center justify-end gap-2 border-line border-t px-5 py-4">
        <p className="mr-auto text-ink-faint text-small">{t("kept")}</p>
        {conflict.theirs !== null && <Button onClick={() => onChoose("theirs")}>{t("takeTheirs")}</Button>}
        {conflict.marked !== null && <Button onClick={() => onChoose("both")}>{t("takeBoth")}</Button>}
        <Button look="primary" onClick={() => onChoose("mine")}>
          {t("takeMine")}
        </Button>
      </div>
    </Dialog>
  );
}

function Version({ label, text }: { readonly label: string; readonly text: string }) {
  return (
    <label className="min-w-0">
      <span className="mb-1 block font-medium text-small">{label}</span>
      <textarea
        readOnly
        value={text}
        wrap="off"
        className="h-[40dvh] w-full resize-none rounded-medium border border-line bg-sunk p-2.5 font-mono text-small"
      />
    </label>
  );
}
