import { Command } from "cmdk";
import { Content, Description, Overlay, Portal, Root, Title } from "radix-ui/dialog";
import { useTranslations } from "use-intl";

/** Something that can be done on the page. */
export interface Action {
  readonly id: string;
  readonly label: string;
  /** Heading that it stands below. */
  readonly group: string;
  /** The keys that do the same. */
  readonly keys?: string;
  readonly run: () => void;
}

export interface PaletteProps {
  readonly actions: readonly Action[];
  readonly onClose: () => void;
}

/** Everything that can be done on the page, found by typing. Arrows choose, Enter does it, Escape goes back. */
export function Palette({ actions, onClose }: PaletteProps) {
  const t = useTranslations("palette");
  const groups = [...new Set(actions.map(({ group }) => group))];
  return (
    <Root open onOpenChange={(open) => !open && onClose()}>
      <Portal>
        <Overlay className="fixed inset-0 z-40 bg-veil" />
        <Content className="appear fixed top-[12dvh] left-1/2 z-50 w-[min(36rem,calc(100vw-1.5rem))] -translate-x-1/2 overflow-hidden rounded-large border border-line bg-surface shadow-raised">
          <Title className="sr-only">{t("title")}</Title>
          <Description className="sr-only">{t("text")}</Description>
          <Command label={t("title")} loop className="flex max-h-[70dvh] flex-col">
            <Command.Input
              placeholder={t("placeholder")}
              className="h-12 shrink-0 border-line border-b bg-transparent px-4 outline-none placeholder:text-ink-soft"
            />
            <Command.List label={t("results")} className="min-h-0 overflow-y-auto p-2">
              <Command.Empty className="px-3 py-6 text-ink-soft">{t("nothing")}</Command.Empty>
              {groups.map((group) => (
                <Command.Group
                  key={group}
                  heading={group}
                  className="text-small [&_[cmdk-group-heading]]:px-3 [&_[cmdk-group-heading]]:pt-2 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-ink-soft"
                >
                  {actions
                    .filter((action) => action.group === group)
                    .map((action) => (
                      <Command.Item
                        key={action.id}
                        value={`${action.label} ${action.id}`}
                        onSelect={() => {
                          onClose();
                          action.run();
                        }}
                        className="flex cursor-pointer items-center justify-between gap-4 rounded-medium px-3 py-1.5 text-base data-[selected=true]:bg-sea-soft"
                      >
                        <span className="min-w-0 truncate">{action.label}</span>
                        {action.keys !== undefined && (
                          <kbd className="shrink-0 text-ink-soft text-small">{action.keys}</kbd>
                        )}
                      </Command.Item>
                    ))}
                </Command.Group>
              ))}
            </Command.List>
          </Command>
        </Content>
      </Portal>
    </Root>
  );
}
