import type { ReactNode } from "react";

export interface PanelHeaderProps {
  readonly title: string;
  /** A few quiet words on the state of things. */
  readonly note?: ReactNode;
  /** Buttons, at the end. */
  readonly children?: ReactNode;
}

export function PanelHeader({ title, note, children }: PanelHeaderProps) {
  return (
    <div className="flex min-h-11 shrink-0 flex-wrap items-center gap-x-3 gap-y-1 border-line border-b py-1 pr-2 pl-4">
      <h2 className="font-semibold text-small">{title}</h2>
      <div className="min-w-0 flex-1 basis-0 truncate text-ink-faint text-small">{note}</div>
      <div className="ml-auto flex flex-wrap items-center justify-end gap-1.5">{children}</div>
    </div>
  );
}
