import { ChevronRight } from "lucide-react";
import { type KeyboardEvent, type MouseEvent, memo, useEffect, useId, useMemo, useState } from "react";
import { useTranslations } from "use-intl";
import { classNames } from "../../ui/class-names.ts";
import { bytes } from "../../ui/format.ts";
import { ShownName } from "../../ui/shown-name.tsx";
import { Failed, Loading } from "./answer-state.tsx";
import { ChangeBadge } from "./change-badge.tsx";
import { missingPages, moveFor, pathOf, rowsOf, type TreeRow } from "./tree-model.ts";
import { ROW_HEIGHT, useRowWindow } from "./use-row-window.ts";
import type { TreeState } from "./use-tree.ts";

const INDENT_PX = 16;

export interface FileTreeProps {
  readonly state: TreeState;
  readonly label: string;
  readonly selected: string | null;
  readonly onOpen: (path: string) => void;
  /** Said where nothing is listed. */
  readonly empty: string;
}

/**
 * The files of an image. Only lines in sight are drawn and asked for. The focus is on the tree, which says which line is the
 * active one, so that lines may come and go.
 */
export function FileTree({ state, label, selected, onOpen, empty }: FileTreeProps) {
  const t = useTranslations("layers");
  const id = useId();
  const rows = useMemo(() => rowsOf(state.tree), [state.tree]);
  const { box, from, to, most, page, onScroll, show } = useRowWindow(rows.length);
  const [wanted, setActive] = useState(0);
  const active = Math.min(wanted, Math.max(0, rows.length - 1));

  const { ask } = state;
  useEffect(() => {
    for (const { directory, offset } of missingPages(rows, from, to)) ask(directory, offset);
  }, [rows, from, to, ask]);

  const toggleOrOpen = (row: TreeRow) => {
    if (row.entry === null) return;
    const path = pathOf(row.directory, row.entry.name);
    if (row.entry.kind !== "directory") onOpen(path);
    else if (row.isExpanded) state.collapse(path);
    else state.expand(path);
  };
  const pressed = (event: KeyboardEvent) => {
    const row = rows[active];
    if (row && (event.key === "Enter" || event.key === " ")) {
      event.preventDefault();
      toggleOrOpen(row);
      return;
    }
    const move = moveFor(event.key, rows, active, page);
    if (move === null) return;
    event.preventDefault();
    if (move.kind === "go") {
      setActive(move.row);
      show(move.row);
    } else if (move.kind === "expand") state.expand(move.path);
    else state.collapse(move.path);
  };

  const clicked = ({ target }: MouseEvent<HTMLElement>) => {
    const line = target instanceof Element ? target.closest<HTMLElement>("[data-place]") : null;
    const place = Number(line?.dataset.place);
    const row = rows[place];
    if (line === null || row === undefined) return;
    setActive(place);
    toggleOrOpen(row);
  };

  if (state.failure !== null) return <Failed error={state.failure} again={state.again} />;
  if (!state.isThere) return <Loading>{t("loadingFiles")}</Loading>;
  if (rows.length === 0) return <p className="px-4 py-3 text-ink-soft text-small">{empty}</p>;
  return (
    <div
      ref={box}
      role="tree"
      aria-label={label}
      aria-busy={state.isStale}
      aria-activedescendant={active >= from && active < to ? `${id}-${active}` : undefined}
      tabIndex={0}
      onKeyDown={pressed}
      onClick={clicked}
      onScroll={onScroll}
      // Lines that are about to change places take no clicks.
      className={classNames(
        "group relative min-h-0 flex-1 overflow-auto -outline-offset-2",
        state.isStale && "pointer-events-none opacity-60",
      )}
    >
      <div role="presentation" style={{ height: rows.length * ROW_HEIGHT }}>
        {rows.slice(from, to).map((row, index) => {
          const place = from + index;
          return (
            <Line
              // A line that leaves is the next one that comes: its elements are there, and only what they say changes.
              key={`${place % most}`}
              id={`${id}-${place}`}
              row={row}
              place={place}
              isActive={place === active}
              isSelected={row.entry !== null && pathOf(row.directory, row.entry.name) === selected}
            />
          );
        })}
      </div>
    </div>
  );
}

interface LineProps {
  readonly id: string;
  readonly row: TreeRow;
  readonly place: number;
  readonly isActive: boolean;
  readonly isSelected: boolean;
}

const Line = memo(function Line({ id, row, place, isActive, isSelected }: LineProps) {
  const t = useTranslations("layers");
  const { entry } = row;
  const isDirectory = entry?.kind === "directory";
  return (
    <div
      id={id}
      role="treeitem"
      tabIndex={-1}
      aria-level={row.depth}
      aria-posinset={row.index + 1}
      aria-setsize={row.total}
      aria-selected={isSelected}
      aria-expanded={isDirectory ? row.isExpanded : undefined}
      data-place={place}
      style={{ top: place * ROW_HEIGHT, paddingLeft: row.depth * INDENT_PX }}
      className={classNames(
        "absolute right-0 left-0 flex h-7 cursor-pointer items-center gap-1.5 whitespace-nowrap pr-3 text-small hover:bg-hover",
        isSelected && "bg-sea-soft",
        isActive &&
          "group-focus-visible:outline-2 group-focus-visible:outline-sea group-focus-visible:-outline-offset-2",
      )}
    >
      <span className="w-3.5 shrink-0">
        {isDirectory && (
          <ChevronRight
            size={14}
            aria-hidden="true"
            className={classNames("text-ink-faint", row.isExpanded && "rotate-90")}
          />
        )}
      </span>
      {entry === null ? (
        <span className="text-ink-faint">…</span>
      ) : (
        <>
          <ChangeBadge change={entry.change} />
          <span
            className={classNames(
              "min-w-0 flex-1 truncate font-mono",
              entry.change === "removed" && "text-ink-faint line-through",
            )}
          >
            <ShownName name={entry.name} />
            {isDirectory && "/"}
            {entry.target !== "" && (
              <span className="text-ink-faint">
                {" → "}
                <ShownName name={entry.target} />
              </span>
            )}
          </span>
          <span className="shrink-0 text-ink-faint tabular-nums">
            {entry.kind === "file"
              ? bytes(entry.sizeBytes)
              : entry.kind === "directory"
                ? ""
                : t(`kind.${entry.kind}`)}
          </span>
        </>
      )}
    </div>
  );
});
