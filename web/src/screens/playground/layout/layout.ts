/** Where panels can be: `left` of the text, the text in the `middle`, and `build` above `session` on the right. */
export const AREAS = ["left", "middle", "build", "session"] as const;

export type Area = (typeof AREAS)[number];

/** Parts of the page that people can make wider or higher, percent of what they are in. */
export interface Sizes {
  /** Width of `left`. */
  readonly left: number;
  /** Width of `build` and `session`; a terminal has about 80 columns at first. */
  readonly side: number;
  /** Height of `session` while it shows terminals. */
  readonly session: number;
}

export interface Layout {
  readonly sizes: Sizes;
  readonly closed: readonly Area[];
  /** The panel in front, by area; where there is none it is the first. */
  readonly front: Readonly<Partial<Record<Area, string>>>;
}

export const FIRST_LAYOUT: Layout = {
  sizes: { left: 14, side: 46, session: 60 },
  closed: [],
  front: {},
};

/** How far each part goes, percent. */
export const BOUNDS: Readonly<Record<keyof Sizes, { readonly least: number; readonly most: number }>> = {
  left: { least: 10, most: 40 },
  side: { least: 28, most: 76 },
  session: { least: 20, most: 80 },
};

/** The areas that a wide screen shows. Never none beside the left one: then the text is there. */
export function openAreas({ closed }: Pick<Layout, "closed">): readonly Area[] {
  const open = AREAS.filter((area) => !closed.includes(area));
  return open.some((area) => area !== "left") ? open : [...open, "middle"];
}

export const toggled = (layout: Layout, area: Area): Layout => ({
  ...layout,
  closed: openAreas(layout).includes(area)
    ? [...layout.closed, area]
    : layout.closed.filter((closed) => closed !== area),
});

/** With a panel in front of its area, and that area open. */
export const shown = (layout: Layout, area: Area, panel: string): Layout => ({
  ...layout,
  closed: layout.closed.filter((closed) => closed !== area),
  front: { ...layout.front, [area]: panel },
});

export function resized(layout: Layout, part: keyof Sizes, percent: number): Layout {
  const { least, most } = BOUNDS[part];
  return { ...layout, sizes: { ...layout.sizes, [part]: Math.min(most, Math.max(least, percent)) } };
}

/** What a browser remembers, or the first layout where that is nothing or no layout. */
export function layoutOf(text: string | null): Layout {
  let kept: unknown;
  try {
    kept = JSON.parse(text ?? "null");
  } catch {
    return FIRST_LAYOUT;
  }
  if (!isRecord(kept)) return FIRST_LAYOUT;
  const sizes = isRecord(kept.sizes) ? kept.sizes : {};
  const front = isRecord(kept.front) ? kept.front : {};
  const closed: readonly unknown[] = Array.isArray(kept.closed) ? kept.closed : [];
  const parts = Object.keys(BOUNDS) as (keyof Sizes)[];
  return parts.reduce(
    (layout, part) => (typeof sizes[part] === "number" ? resized(layout, part, sizes[part]) : layout),
    {
      ...FIRST_LAYOUT,
      closed: AREAS.filter((area) => closed.includes(area)),
      front: Object.fromEntries(
        AREAS.flatMap((area) => (typeof front[area] === "string" ? [[area, front[area]]] : [])),
      ),
    } as Layout,
  );
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null;
