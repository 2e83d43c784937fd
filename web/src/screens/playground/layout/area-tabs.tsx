import { Content, List, Root, Trigger } from "radix-ui/tabs";
import { Suspense, useState } from "react";
import { useTranslations } from "use-intl";
import { classNames } from "../../../ui/class-names.ts";
import { type PanelEntry, panelsIn } from "../panels.tsx";
import type { Area } from "./layout.ts";
import { PanelBoundary } from "./panel-boundary.tsx";
import type { LayoutControl } from "./use-layout.ts";

export interface AreaTabsProps {
  readonly area: Area;
  readonly label: string;
  readonly control: LayoutControl;
}

/** The panels of an area, one in front. Whoever was in front once stays as it is behind the others. */
export function AreaTabs({ area, label, control }: AreaTabsProps) {
  const t = useTranslations();
  const panels = panelsIn(area);
  const front = panels.find(({ id }) => id === control.layout.front[area]) ?? panels[0];
  const [opened, setOpened] = useState<readonly string[]>([]);
  if (front === undefined) return null;
  if (!opened.includes(front.id)) setOpened([...opened, front.id]);
  const seen = control.seen.includes(area);
  if (panels.length === 1) return <PanelContent entry={front} visible={seen} />;
  return (
    <Root
      value={front.id}
      onValueChange={(panel) => control.show(area, panel)}
      className="flex min-h-0 min-w-0 flex-1 flex-col"
    >
      <List
        aria-label={label}
        className="flex h-9 shrink-0 gap-1 overflow-x-auto overflow-y-hidden border-line border-b px-2"
      >
        {panels.map(({ id, title }) => (
          <Trigger
            key={id}
            value={id}
            className="-mb-px h-9 whitespace-nowrap border-transparent border-b-2 px-1.5 text-ink-soft focus-visible:-outline-offset-2 text-small hover:text-ink data-[state=active]:border-sea data-[state=active]:font-medium data-[state=active]:text-ink"
          >
            {t(title)}
          </Trigger>
        ))}
      </List>
      {panels.map((entry) => (
        <Content
          key={entry.id}
          value={entry.id}
          forceMount
          className={classNames("flex min-h-0 flex-1 flex-col", entry.id !== front.id && "hidden")}
        >
          {opened.includes(entry.id) && <PanelContent entry={entry} visible={seen && entry === front} />}
        </Content>
      ))}
    </Root>
  );
}

function PanelContent({ entry, visible }: { readonly entry: PanelEntry; readonly visible: boolean }) {
  const t = useTranslations("layout");
  const { Content: Panel } = entry;
  return (
    <PanelBoundary text={t("broken")} reload={t("reload")}>
      <Suspense
        fallback={
          <p role="status" className="tide px-4 py-6 text-ink-soft text-small">
            {t("loading")}
          </p>
        }
      >
        <Panel visible={visible} />
      </Suspense>
    </PanelBoundary>
  );
}
