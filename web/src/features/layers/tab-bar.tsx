import type { KeyboardEvent } from "react";

export interface TabBarProps<Tab extends string> {
  readonly label: string;
  readonly tabs: readonly Tab[];
  readonly chosen: Tab;
  readonly onChoose: (tab: Tab) => void;
  readonly nameOf: (tab: Tab) => string;
}

export const tabId = (tab: string): string => `layers-tab-${tab}`;
export const tabPanelId = (tab: string): string => `layers-panel-${tab}`;

/** Tabs as the ARIA practices have them: the arrow keys choose, and one of them takes the focus. */
export function TabBar<Tab extends string>({ label, tabs, chosen, onChoose, nameOf }: TabBarProps<Tab>) {
  const pressed = (event: KeyboardEvent) => {
    const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    const next = tabs[(tabs.indexOf(chosen) + step + tabs.length) % tabs.length];
    if (step === 0 || next === undefined) return;
    event.preventDefault();
    onChoose(next);
    document.getElementById(tabId(next))?.focus();
  };
  return (
    <div
      role="tablist"
      aria-label={label}
      onKeyDown={pressed}
      className="flex shrink-0 gap-1 overflow-x-auto border-line border-b px-2"
    >
      {tabs.map((tab) => (
        <button
          key={tab}
          type="button"
          role="tab"
          id={tabId(tab)}
          aria-selected={tab === chosen}
          aria-controls={tab === chosen ? tabPanelId(tab) : undefined}
          tabIndex={tab === chosen ? 0 : -1}
          onClick={() => onChoose(tab)}
          className="h-10 shrink-0 border-transparent border-b-2 px-3 text-ink-soft text-small -outline-offset-2 aria-selected:border-sea aria-selected:font-semibold aria-selected:text-ink"
        >
          {nameOf(tab)}
        </button>
      ))}
    </div>
  );
}
