import { type KeyboardEvent, type PointerEvent, useRef } from "react";

export interface SplitterProps {
  /** What it divides, for those who don't see it. */
  readonly label: string;
  /** Share of the part at the end, percent. */
  readonly share: number;
  readonly onShare: (share: number) => void;
}

const LEAST_PERCENT = 28;
const MOST_PERCENT = 68;
const STEP_PERCENT = 2;

const bounded = (share: number): number => Math.min(MOST_PERCENT, Math.max(LEAST_PERCENT, share));

/** The line between two parts of its parent: dragged, or moved with the arrow keys. */
export function Splitter({ label, share, onShare }: SplitterProps) {
  const dragged = useRef(false);

  const move = (event: PointerEvent<HTMLHRElement>) => {
    const whole = event.currentTarget.parentElement?.getBoundingClientRect();
    if (!dragged.current || whole === undefined || whole.width === 0) return;
    onShare(bounded(((whole.right - event.clientX) / whole.width) * 100));
  };
  const step = (event: KeyboardEvent) => {
    if (event.key === "ArrowLeft") onShare(bounded(share + STEP_PERCENT));
    if (event.key === "ArrowRight") onShare(bounded(share - STEP_PERCENT));
  };

  return (
    <hr
      tabIndex={0}
      aria-label={label}
      aria-orientation="vertical"
      aria-valuenow={Math.round(share)}
      aria-valuemin={LEAST_PERCENT}
      aria-valuemax={MOST_PERCENT}
      onKeyDown={step}
      onPointerDown={(event) => {
        dragged.current = true;
        event.currentTarget.setPointerCapture(event.pointerId);
      }}
      onPointerMove={move}
      onPointerUp={() => {
        dragged.current = false;
      }}
      className="relative z-10 m-0 h-full overflow-visible border-0 -mx-1 w-2 cursor-col-resize touch-none select-none before:absolute before:inset-y-0 before:left-1/2 before:w-px before:bg-line hover:before:w-0.5 hover:before:bg-sea focus-visible:before:w-0.5 focus-visible:before:bg-sea max-wide:hidden"
    />
  );
}
