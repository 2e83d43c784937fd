import type { ReactNode } from "react";

export interface EmptyStateProps {
  readonly icon: ReactNode;
  readonly title: string;
  /** A sentence or two of why, and what to do. */
  readonly children: ReactNode;
  readonly action?: ReactNode;
}

/** A panel with nothing in it yet. */
export function EmptyState({ icon, title, children, action }: EmptyStateProps) {
  return (
    <div className="flex min-h-full flex-col items-start justify-center gap-4 px-4 py-6">
      <div className="max-w-[28rem]">
        <span className="mb-3 block text-ink-faint">{icon}</span>
        <p className="font-semibold">{title}</p>
        <p className="mt-0.5 text-ink-soft">{children}</p>
      </div>
      {action}
    </div>
  );
}
