import { type RefObject, useCallback, useEffect, useRef, useState } from "react";

/** Height of a line, px; its class is `h-7`. */
export const ROW_HEIGHT = 28;
/** Lines above and below what is in sight that are there as well. */
const OVERSCAN = 12;
const FIRST_LINES = 30;

export interface RowWindow {
  readonly box: RefObject<HTMLDivElement | null>;
  /** Lines that are to be drawn: `from` to before `to`. */
  readonly from: number;
  readonly to: number;
  /** So many lines are drawn at most. */
  readonly most: number;
  /** Lines in sight. */
  readonly page: number;
  readonly onScroll: () => void;
  /** Brings a line into sight. */
  readonly show: (row: number) => void;
}

/** Which of many lines of one height are in sight. The page is drawn anew only when another line comes into sight. */
export function useRowWindow(count: number): RowWindow {
  const box = useRef<HTMLDivElement>(null);
  const [first, setFirst] = useState(0);
  const [page, setPage] = useState(FIRST_LINES);

  const onScroll = useCallback(() => {
    setFirst(Math.floor((box.current?.scrollTop ?? 0) / ROW_HEIGHT));
  }, []);
  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    const observer = new ResizeObserver(() => setPage(Math.ceil(element.clientHeight / ROW_HEIGHT)));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  const show = useCallback((row: number) => {
    const element = box.current;
    if (element === null) return;
    const top = row * ROW_HEIGHT;
    if (top < element.scrollTop) element.scrollTop = top;
    else if (top + ROW_HEIGHT > element.scrollTop + element.clientHeight)
      element.scrollTop = top + ROW_HEIGHT - element.clientHeight;
  }, []);
  const from = Math.max(0, Math.min(first, count - 1) - OVERSCAN);
  const to = Math.min(count, first + page + OVERSCAN);
  return { box, from, to, most: page + 2 * OVERSCAN, page, onScroll, show };
}
