import { type KeyboardEvent, type PointerEvent, useRef } from "react";
import { classNames } from "./class-names.ts";

export interface SplitterProps {
  /** What it divides, for those who don't see it. */
  readonly label: string;
  /** `across`: between two parts side by side; `along`: between two parts one above the other. */
  readonly lies?: "across" | "along";
  /** The part whose share is told: the one before the line or the one after it. */
  readonly of: "start" | "end";
  /** Its share, percent. */
  readonly share: number;
  readonly least: number;
  readonly most: number;
  readonly onShare: (share: number) => void;
  readonly className?: string;
}

const STEP_PERCENT = 2;

const LOOKS = {
  across:
    "-mx-1 h-full w-2 cursor-col-resize before:inset-y-0 before:left-1/2 before:w-px hover:before:w-0.5 focus-visible:before:w-0.5",
  along:
    "-my-1 h-2 w-full cursor-row-resize before:inset-x-0 before:top-1/2 before:h-px hover:before:h-0.5 focus-visible:before:h-0.5",
};

/** The line between two parts of its parent: dragged, or moved with the arrow keys. */
export function Splitter(props: SplitterProps) {
  const { label, lies = "across", of, share, least, most, onShare, className } = props;
  const dragged = useRef(false);
  const set = (percent: number) => onShare(Math.min(most, Math.max(least, percent)));

  const move = (event: PointerEvent<HTMLHRElement>) => {
    const whole = event.currentTarget.parentElement?.getBoundingClientRect();
    if (!dragged.current || whole === undefined || whole.width === 0 || whole.height === 0) return;
    const before =
      lies === "across"
        ? (event.clientX - whole.left) / whole.width
        : (event.clientY - whole.top) / whole.height;
    set((of === "start" ? before : 1 - before) * 100);
  };
  const step = (event: KeyboardEvent) => {
    const [back, forth] = lies === "across" ? ["ArrowLeft", "ArrowRight"] : ["ArrowUp", "ArrowDown"];
    if (event.key !== back && event.key !== forth) return;
    event.preventDefault();
    set(share + ((event.key === forth) === (of === "start") ? STEP_PERCENT : -STEP_PERCENT));
  };

  return (
    <hr
      tabIndex={0}
      aria-label={label}
      aria-orientation={lies === "across" ? "vertical" : "horizontal"}
      aria-valuenow={Math.round(share)}
      aria-valuemin={least}
      aria-valuemax={most}
      onKeyDown={step}
      onPointerDown={(event) => {
        dragged.current = true;
        event.currentTarget.setPointerCapture(event.pointerId);
      }}
      onPointerMove={move}
      onPointerUp={() => {
        dragged.current = false;
      }}
      className={classNames(
        "relative z-10 m-0 touch-none select-none overflow-visible border-0 before:absolute before:bg-line hover:before:bg-sea focus-visible:before:bg-sea max-wide:hidden",
        LOOKS[lies],
        className,
      )}
    />
  );
}
