import { FilePlus2 } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { useTranslations } from "use-intl";
import { IconButton } from "../../ui/button.tsx";
import { loadChunk } from "../../ui/load-chunk.ts";
import type { Drafts, DraftsSnapshot } from "./drafts.ts";
import { FileNameField } from "./file-name-field.tsx";
import { FileRow } from "./file-row.tsx";

/** Its code is loaded when the first file is about to go. */
const DeleteDialog = lazy(() =>
  loadChunk(() => import("./delete-dialog.tsx")).then(({ DeleteDialog: dialog }) => ({ default: dialog })),
);

/** What the list is busy with; one thing at a time. */
type Doing =
  | { readonly kind: "nothing" }
  | { readonly kind: "adding" }
  | { readonly kind: "renaming"; readonly path: string }
  | { readonly kind: "deleting"; readonly path: string };

export interface FileListProps {
  readonly drafts: Drafts;
  readonly snapshot: DraftsSnapshot;
  readonly open: string | null;
  readonly onOpen: (path: string | null) => void;
}

const NOTHING: Doing = { kind: "nothing" };

/** The playground's files: open, add, rename, delete. */
export function FileList({ drafts, snapshot, open, onOpen }: FileListProps) {
  const t = useTranslations("playground");
  const [doing, setDoing] = useState<Doing>(NOTHING);
  const paths = snapshot.files.map((file) => file.path);
  const done = () => setDoing(NOTHING);

  const add = (path: string) => {
    done();
    void drafts.add(path);
    onOpen(path);
  };
  const rename = (from: string, to: string) => {
    done();
    if (open === from) onOpen(to);
    void drafts.rename(from, to);
  };
  const remove = (path: string) => {
    done();
    if (open === path) onOpen(paths.find((other) => other !== path) ?? null);
    void drafts.remove(path);
  };

  return (
    <nav aria-label={t("files")} className="flex min-h-0 flex-col">
      <div className="flex h-10 shrink-0 items-center justify-between pr-1 pl-3">
        <h2 className="text-small font-semibold text-ink-soft">{t("files")}</h2>
        <IconButton label={t("newFile")} onClick={() => setDoing({ kind: "adding" })}>
          <FilePlus2 size={16} strokeWidth={1.75} aria-hidden="true" />
        </IconButton>
      </div>
      <ul className="flex min-h-0 flex-col gap-px overflow-y-auto px-1.5 pb-2">
        {snapshot.files.map(({ path }) => (
          <li key={path}>
            {doing.kind === "renaming" && doing.path === path ? (
              <FileNameField
                label={t("renameName", { path })}
                initial={path}
                taken={paths.filter((other) => other !== path)}
                onDone={(name) => (name === path ? done() : rename(path, name))}
                onCancel={done}
              />
            ) : (
              <FileRow
                path={path}
                current={path === open}
                onOpen={() => onOpen(path)}
                onRename={() => setDoing({ kind: "renaming", path })}
                onDelete={() => setDoing({ kind: "deleting", path })}
              />
            )}
          </li>
        ))}
        {doing.kind === "adding" && (
          <li>
            <FileNameField label={t("newFileName")} initial="" taken={paths} onDone={add} onCancel={done} />
          </li>
        )}
      </ul>
      {doing.kind === "deleting" && (
        <Suspense>
          <DeleteDialog path={doing.path} onConfirm={remove} onCancel={done} />
        </Suspense>
      )}
    </nav>
  );
}
