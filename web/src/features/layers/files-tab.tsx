import type { SearchHit } from "@slipway/protocol";
import { Search } from "lucide-react";
import { useEffect, useState } from "react";
import { useTranslations } from "use-intl";
import { type ImageName, rpc } from "../../rpc/client.ts";
import { classNames } from "../../ui/class-names.ts";
import { TextInput } from "../../ui/field.tsx";
import { bytes } from "../../ui/format.ts";
import { ShownName } from "../../ui/shown-name.tsx";
import { Failed, Loading } from "./answer-state.tsx";
import { FileTree } from "./file-tree.tsx";
import { FileView } from "./file-view.tsx";
import { PAGE_ENTRIES } from "./tree-model.ts";
import { useAnswer } from "./use-answer.ts";
import { type LoadPage, useTree } from "./use-tree.ts";

/** Pause in typing after which a search begins. */
const SEARCH_PAUSE_MS = 250;

export interface FilesTabProps {
  readonly playgroundId: string;
  readonly image: ImageName;
  readonly layer: number;
  readonly onLayer: (layer: number) => void;
  readonly open: string | null;
  readonly onOpen: (path: string | null) => void;
}

/** The files as of a layer: a tree or what a search found, and beside it the one that is open. */
export function FilesTab(props: FilesTabProps) {
  const { playgroundId, image, layer, open, onOpen } = props;
  const t = useTranslations("layers");
  const [onlyChanges, setOnlyChanges] = useState(false);
  const [text, setText] = useState("");
  const sought = useSettled(text.trim());
  const key = JSON.stringify([image, layer, onlyChanges]);
  const load: LoadPage = (path, offset, signal) =>
    rpc.image.directory.query(
      { playgroundId, image, asked: { layer, path, onlyChanges, offset, limit: PAGE_ENTRIES } },
      { signal },
    );
  const tree = useTree(key, load);
  return (
    <div className="flex min-h-0 flex-1 max-wide:flex-col">
      <div className={classNames("flex min-h-0 min-w-0 flex-1 flex-col", open !== null && "max-wide:hidden")}>
        <div className="flex flex-wrap items-center gap-x-4 gap-y-1 border-line border-b px-4 py-1.5">
          <div className="flex min-w-40 flex-1 items-center gap-2">
            <Search size={15} aria-hidden="true" className="shrink-0 text-ink-faint" />
            <TextInput
              type="search"
              aria-label={t("search")}
              value={text}
              maxLength={255}
              placeholder={t("search")}
              onChange={({ currentTarget }) => setText(currentTarget.value)}
              className="h-8 text-small"
            />
          </div>
          <label className="flex cursor-pointer items-center gap-2 text-small">
            <input
              type="checkbox"
              checked={onlyChanges}
              onChange={({ currentTarget }) => setOnlyChanges(currentTarget.checked)}
              className="size-4 accent-sea"
            />
            {t("onlyChanges")}
          </label>
        </div>
        {sought === "" ? (
          <FileTree
            state={tree}
            label={t("treeLabel", { layer: String(layer + 1) })}
            selected={open}
            onOpen={onOpen}
            empty={t(onlyChanges ? "nothingChanged" : "noFiles")}
          />
        ) : (
          <Hits {...props} text={sought} />
        )}
      </div>
      {open !== null && (
        <div className="flex min-h-0 min-w-0 flex-1 flex-col border-line wide:border-l">
          <FileView {...props} path={open} onClose={() => onOpen(null)} />
        </div>
      )}
    </div>
  );
}

/** The value once it has stayed the same for a moment. */
function useSettled(value: string): string {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), SEARCH_PAUSE_MS);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}

function Hits({ playgroundId, image, layer, open, onOpen, text }: FilesTabProps & { readonly text: string }) {
  const t = useTranslations("layers");
  const { answer, again } = useAnswer(JSON.stringify([image, layer, text]), (signal) =>
    rpc.image.search.query({ playgroundId, image, asked: { layer, text } }, { signal }),
  );
  if (answer.state === "loading") return <Loading>{t("searching")}</Loading>;
  if (answer.state === "failed") return <Failed error={answer.error} again={again} />;
  const { hits, hasMore } = answer.value;
  return (
    <>
      <p role="status" className="px-4 py-1.5 text-ink-soft text-small">
        {hasMore ? t("moreHits", { count: hits.length }) : t("hits", { count: hits.length })}
      </p>
      <ul aria-label={t("found")} className="min-h-0 flex-1 overflow-y-auto">
        {hits.map((hit) => (
          <li key={hit.path}>
            <Hit hit={hit} isOpen={hit.path === open} onOpen={() => onOpen(hit.path)} />
          </li>
        ))}
      </ul>
    </>
  );
}

function Hit(props: { readonly hit: SearchHit; readonly isOpen: boolean; readonly onOpen: () => void }) {
  const t = useTranslations("layers");
  const { path, kind, layer, sizeBytes, isPresent } = props.hit;
  return (
    <button
      type="button"
      aria-current={props.isOpen ? "true" : undefined}
      onClick={props.onOpen}
      className="flex min-h-7 w-full items-baseline gap-3 px-4 py-0.5 text-left text-small -outline-offset-2 hover:bg-hover aria-[current]:bg-sea-soft"
    >
      <span
        className={classNames(
          "min-w-0 flex-1 font-mono [overflow-wrap:anywhere]",
          !isPresent && "text-ink-faint line-through",
        )}
      >
        <ShownName name={path} />
        {kind === "directory" && "/"}
      </span>
      <span className="shrink-0 text-ink-faint tabular-nums">
        {t(isPresent ? "inLayer" : "goneInLayer", { layer: String(layer + 1) })}
        {kind === "file" && ` · ${bytes(sizeBytes)}`}
      </span>
    </button>
  );
}
