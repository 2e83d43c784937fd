import { useCallback, useEffect, useState, useSyncExternalStore } from "react";
import {
  type Area,
  type Layout,
  layoutOf,
  openAreas,
  resized,
  type Sizes,
  shown,
  toggled,
} from "./layout.ts";

/** Where a browser keeps it, for all playgrounds. */
const MEMORY = "slipway-layout";

/** One area at a time below this width; `max-wide` of the style sheet. */
const NARROW = "(width < 60rem)";

export interface LayoutControl {
  readonly layout: Layout;
  /** The screen shows one area at a time. */
  readonly narrow: boolean;
  /** The areas that are on the screen. */
  readonly seen: readonly Area[];
  /** Brings a panel to the front, wherever that is. */
  show(area: Area, panel: string): void;
  /** Brings an area onto a narrow screen, in place of the other one. */
  go(area: Area): void;
  toggle(area: Area): void;
  resize(part: keyof Sizes, percent: number): void;
}

/** The layout of the page, remembered by the browser. */
export function useLayout(first: Area): LayoutControl {
  const [layout, setLayout] = useState(() => layoutOf(remembered()));
  const [pane, setPane] = useState<Area>(first);
  const narrow = useNarrow();
  useEffect(() => remember(layout), [layout]);
  const show = useCallback((area: Area, panel: string) => {
    setLayout((last) => shown(last, area, panel));
    setPane(area);
  }, []);
  const toggle = useCallback((area: Area) => setLayout((last) => toggled(last, area)), []);
  const resize = useCallback(
    (part: keyof Sizes, percent: number) => setLayout((last) => resized(last, part, percent)),
    [],
  );
  return { layout, narrow, seen: narrow ? [pane] : openAreas(layout), show, go: setPane, toggle, resize };
}

/** A browser may keep nothing for a page, and says so by throwing. */
function remembered(): string | null {
  try {
    return localStorage.getItem(MEMORY);
  } catch {
    return null;
  }
}

function remember(layout: Layout): void {
  try {
    localStorage.setItem(MEMORY, JSON.stringify(layout));
  } catch {
    // It is as it was at the next visit.
  }
}

const useNarrow = (): boolean =>
  useSyncExternalStore(
    (changed) => {
      const query = matchMedia(NARROW);
      query.addEventListener("change", changed);
      return () => query.removeEventListener("change", changed);
    },
    () => matchMedia(NARROW).matches,
    () => false,
  );
