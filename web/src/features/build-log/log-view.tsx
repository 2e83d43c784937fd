import { ArrowDownToLine, Check, Copy, Download } from "lucide-react";
import { memo, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";
import { useTranslations } from "use-intl";
import { classNames } from "../../ui/class-names.ts";
import { type AnsiStyle, plainRow, type Span, styledRow } from "./ansi.ts";
import type { Step } from "./build-log.ts";
import { copyText, download, plainLog } from "./log-export.ts";
import { linesOf } from "./log-lines.ts";
import { partsOf } from "./log-search.ts";

/** Height of a row, pixels: all have the same, so that the place of each is known without drawing the others. */
const ROW_PX = 20;
/** Rows that are drawn above and below what is in sight. */
const SPARE_ROWS = 30;
/** The window moves in steps of so many rows, so that most movements draw nothing. */
const STRIDE_ROWS = 15;
/** Distance from the end within which someone still counts as reading along, pixels. */
const FOLLOW_PX = 24;

/** A row that a search has found, and how often it was asked for. */
export interface FoundRow {
  readonly step: number;
  readonly row: number;
  readonly wish: number;
}

export interface LogViewProps {
  readonly id: string;
  readonly step: Step;
  /** What is being looked for; "" for nothing. */
  readonly query: string;
  /** The row in this step's output to show, where there is one. */
  readonly found: FoundRow | null;
}

/** What a step printed, in its colours. Only the rows in sight are in the page, however long it is. */
export function LogView({ id, step, query, found }: LogViewProps) {
  const t = useTranslations("buildView");
  const tBuild = useTranslations("build");
  const lines = linesOf(step.output);
  const { count } = lines;
  const { box, first, last, follows, onScroll, follow } = useWindow(count, found);
  const label = tBuild("showLog", { step: String(step.index + 1) });
  const rows = [];
  for (let index = first; index < Math.min(last, count); index += 1) {
    rows.push(
      <Row
        key={index}
        text={lines.row(index)}
        style={lines.styleAt(index)}
        query={query}
        isFound={found?.row === index}
      />,
    );
  }
  return (
    <div id={id} className="mx-3 mb-3 ml-4 medium:ml-10">
      <div className="flex flex-wrap items-center gap-x-1 pb-1">
        <p className="mr-auto text-ink-faint text-small tabular-nums">
          {t("rows", { count })}
          {(step.output.cut || lines.isCut) && ` · ${t("cut")}`}
        </p>
        {step.progress.state === "running" && (
          <ToolButton label={t("follow")} pressed={follows} onClick={follow}>
            <ArrowDownToLine size={14} aria-hidden="true" />
          </ToolButton>
        )}
        <CopyButton label={t("copyStep", { step: String(step.index + 1) })} text={() => plainLog([step])} />
        <ToolButton
          label={t("downloadStep", { step: String(step.index + 1) })}
          onClick={() => download(`step-${step.index + 1}.log`, plainLog([step]))}
        >
          <Download size={14} aria-hidden="true" />
        </ToolButton>
      </div>
      <div
        ref={box}
        role="log"
        aria-live="off"
        aria-label={label}
        tabIndex={0}
        onScroll={onScroll}
        className="max-h-[min(22rem,55dvh)] overflow-auto rounded-medium bg-sunk py-2 [overflow-anchor:none]"
      >
        <div className="relative w-max min-w-full" style={{ height: count * ROW_PX }}>
          <div
            className="absolute top-0 left-0 min-w-full will-change-transform"
            style={{ transform: `translateY(${first * ROW_PX}px)` }}
          >
            {rows}
          </div>
        </div>
      </div>
    </div>
  );
}

/** Which rows are drawn, and the end that is followed. */
function useWindow(count: number, found: FoundRow | null) {
  const box = useRef<HTMLDivElement>(null);
  const [first, setFirst] = useState(0);
  const [height, setHeight] = useState(400);
  const [follows, setFollows] = useState(true);
  const following = useRef(true);
  const look = useCallback(() => {
    const element = box.current;
    if (!element) return;
    const top = Math.floor(element.scrollTop / ROW_PX) - SPARE_ROWS;
    setFirst(Math.max(0, Math.floor(top / STRIDE_ROWS) * STRIDE_ROWS));
    setHeight(element.clientHeight);
  }, []);
  const toEnd = useCallback(() => {
    if (box.current) box.current.scrollTop = box.current.scrollHeight;
    look();
  }, [look]);
  // The number of rows says that there is something new at the end.
  useLayoutEffect(() => {
    if (count > 0 && following.current) toEnd();
    else look();
  }, [count, toEnd, look]);
  useEffect(() => {
    if (found === null || !box.current) return;
    following.current = false;
    setFollows(false);
    box.current.scrollTop = Math.max(0, found.row * ROW_PX - box.current.clientHeight / 2);
    box.current.scrollIntoView({ block: "nearest" });
    look();
  }, [found, look]);
  const onScroll = useCallback(() => {
    const element = box.current;
    if (!element) return;
    const isAtEnd = element.scrollHeight - element.scrollTop - element.clientHeight < FOLLOW_PX;
    following.current = isAtEnd;
    setFollows(isAtEnd);
    look();
  }, [look]);
  const follow = useCallback(() => {
    following.current = !following.current;
    setFollows(following.current);
    if (following.current) toEnd();
  }, [toEnd]);
  const last = first + Math.ceil(height / ROW_PX) + 2 * SPARE_ROWS + STRIDE_ROWS;
  return { box, first, last, follows, onScroll, follow };
}

interface RowProps {
  readonly text: string;
  readonly style: AnsiStyle;
  readonly query: string;
  readonly isFound: boolean;
}

const Row = memo(function Row({ text, style, query, isFound }: RowProps) {
  const isHit = query !== "" && plainRow(text).toLowerCase().includes(query);
  return (
    <div
      className={classNames(
        "h-5 whitespace-pre px-3 font-mono text-[0.8125rem] text-ink-soft leading-5",
        isFound && "bg-warn-soft",
      )}
    >
      {isHit
        ? partsOf(plainRow(text), query).map(({ text: part, hit, at }) =>
            hit ? (
              <mark key={at} className="rounded-small bg-warn text-paper">
                {part}
              </mark>
            ) : (
              part
            ),
          )
        : placed(styledRow(text, style).spans).map(({ at, text: part, className }) => (
            <span key={at} className={className}>
              {part}
            </span>
          ))}
    </div>
  );
});

/** Spans with where they begin, which is the only name that they have. */
function placed(spans: readonly Span[]): (Span & { readonly at: number })[] {
  let at = 0;
  return spans.map((span) => {
    const one = { ...span, at };
    at += span.text.length;
    return one;
  });
}

interface ToolButtonProps {
  readonly label: string;
  readonly pressed?: boolean;
  readonly onClick: () => void;
  readonly children: React.ReactNode;
}

export function ToolButton({ label, pressed, onClick, children }: ToolButtonProps) {
  return (
    <button
      type="button"
      title={label}
      aria-label={label}
      aria-pressed={pressed}
      onClick={onClick}
      className="flex size-7 items-center justify-center rounded-small text-ink-soft hover:bg-hover hover:text-ink aria-pressed:bg-sea-soft aria-pressed:text-sea"
    >
      {children}
    </button>
  );
}

/** For so long a copy is confirmed. */
const CONFIRMED_MS = 1500;

export function CopyButton({ label, text }: { readonly label: string; readonly text: () => string }) {
  const t = useTranslations("buildView");
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = window.setTimeout(() => setCopied(false), CONFIRMED_MS);
    return () => clearTimeout(timer);
  }, [copied]);
  return (
    <>
      <ToolButton label={label} onClick={() => void copyText(text()).then(setCopied)}>
        {copied ? (
          <Check size={14} className="text-good" aria-hidden="true" />
        ) : (
          <Copy size={14} aria-hidden="true" />
        )}
      </ToolButton>
      <span role="status" className="sr-only">
        {copied ? t("copied") : ""}
      </span>
    </>
  );
}
