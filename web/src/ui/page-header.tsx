import type { ReactNode } from "react";
import { Mark } from "./mark.tsx";

/** The bar at the top of every page: the way home on the left, whatever the page needs after it. */
export function PageHeader(props: {
  readonly name: string;
  readonly homeLabel: string;
  readonly children?: ReactNode;
  /** The page's main action, at the end before the rest. */
  readonly action?: ReactNode;
  readonly end: ReactNode;
}) {
  return (
    <header className="flex h-14 shrink-0 items-center gap-3 px-4 medium:px-5">
      <a
        href="/"
        aria-label={props.homeLabel}
        className="flex items-center gap-2 rounded-small font-semibold tracking-tight text-ink"
      >
        <Mark />
        <span className="hidden medium:inline">{props.name}</span>
      </a>
      {props.children}
      <div className="ml-auto flex shrink-0 items-center gap-1">
        {props.action !== undefined && <div className="mr-2 medium:mr-4">{props.action}</div>}
        {props.end}
      </div>
    </header>
  );
}
