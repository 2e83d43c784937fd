import type { CSSProperties, ReactNode } from "react";
import { useTranslations } from "use-intl";
import { classNames } from "../../../ui/class-names.ts";
import { Splitter } from "../../../ui/splitter.tsx";
import { AreaSwitches } from "./area-switches.tsx";
import { AreaTabs } from "./area-tabs.tsx";
import { AREAS, type Area, BOUNDS, openAreas, type Sizes } from "./layout.ts";
import type { LayoutControl } from "./use-layout.ts";

export interface FrameProps {
  /** The bar at the top. */
  readonly header: ReactNode;
  readonly status: ReactNode;
  /** What stands in front of all, where something does. */
  readonly dialogs: ReactNode;
  readonly control: LayoutControl;
  /** The session shows terminals, and so wants room. */
  readonly sessionLive: boolean;
}

/** Where things are: side by side on a wide screen, one behind the other on a narrow one. */
export function Frame({ header, status, dialogs, control, sessionLive }: FrameProps) {
  const t = useTranslations("layout");
  const { layout, seen } = control;
  const open = openAreas(layout);
  const right = open.includes("build") || open.includes("session");
  const rightSeen = seen.includes("build") || seen.includes("session");
  const area = (name: Area, look: string) => (
    <div
      data-area={name}
      className={classNames("flex min-h-0 min-w-0 flex-col", look, !seen.includes(name) && "hidden")}
    >
      <AreaTabs area={name} label={t(`tabs.${name}`)} control={control} />
    </div>
  );
  const splitter = (part: keyof Sizes, of: "start" | "end", lies: "across" | "along" = "across") => (
    <Splitter
      label={t(`divide.${part}`)}
      lies={lies}
      of={of}
      share={layout.sizes[part]}
      {...BOUNDS[part]}
      onShare={(share) => control.resize(part, share)}
    />
  );
  const both = open.includes("build") && open.includes("session");
  return (
    <div className="flex h-dvh flex-col">
      {header}
      <main
        style={
          {
            "--columns": columns(layout.sizes, open),
            "--rows": rows(layout.sizes, both, sessionLive),
          } as CSSProperties
        }
        className="flex min-h-0 flex-1 flex-col border-line border-t wide:grid wide:grid-cols-(--columns)"
      >
        {area("left", "max-wide:flex-1")}
        {open.includes("left") && splitter("left", "start")}
        {area("middle", "bg-surface max-wide:flex-1")}
        {open.includes("middle") && right && splitter("side", "end")}
        <div
          className={classNames(
            "grid min-h-0 min-w-0 max-wide:flex-1 wide:grid-rows-(--rows)",
            !rightSeen && "hidden",
          )}
        >
          {area("build", "")}
          {both &&
            (sessionLive ? (
              splitter("session", "end", "along")
            ) : (
              <hr className="m-0 border-line border-t max-wide:hidden" />
            ))}
          {area("session", "bg-surface")}
        </div>
      </main>
      <nav aria-label={t("areas")} className="grid grid-cols-4 border-line border-t wide:hidden">
        {AREAS.map((name) => (
          <button
            key={name}
            type="button"
            aria-current={seen.includes(name) ? "true" : undefined}
            onClick={() => control.go(name)}
            className="h-12 border-transparent border-t-2 text-ink-soft text-small aria-[current]:border-sea aria-[current]:font-semibold aria-[current]:text-ink"
          >
            {t(`area.${name}`)}
          </button>
        ))}
      </nav>
      <footer className="flex h-8 shrink-0 items-center justify-between gap-4 border-line border-t px-4 text-ink-soft text-small max-wide:hidden">
        {status}
        <AreaSwitches open={open} onToggle={control.toggle} />
      </footer>
      {dialogs}
    </div>
  );
}

/** Each open area and, before or after it, the line of no width that divides it from the next. */
function columns({ left, side }: Sizes, open: readonly Area[]): string {
  const right = open.includes("build") || open.includes("session");
  return [
    open.includes("left") ? `minmax(9rem, ${left}%) 0` : "",
    open.includes("middle") ? "minmax(0, 1fr)" : "",
    open.includes("middle") && right ? "0" : "",
    right ? (open.includes("middle") ? `minmax(0, ${side}%)` : "minmax(0, 1fr)") : "",
  ]
    .filter((column) => column !== "")
    .join(" ");
}

/** A session without terminals is as high as what it says. */
function rows({ session }: Sizes, both: boolean, sessionLive: boolean): string {
  if (!both) return "minmax(0, 1fr)";
  return sessionLive ? `minmax(0, 1fr) 0 minmax(0, ${session}%)` : "minmax(0, 1fr) auto auto";
}
