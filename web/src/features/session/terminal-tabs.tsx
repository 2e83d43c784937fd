import type { SessionTerminal } from "@slipway/protocol";
import { Content, List, Root, Trigger } from "radix-ui/tabs";
import { type ReactNode, useState } from "react";
import { useTranslations } from "use-intl";

export interface TerminalSlot {
  readonly terminal: SessionTerminal;
  readonly name: string;
  /** Its tab is the one in front. */
  readonly visible: boolean;
}

export interface TerminalTabsProps {
  readonly terminals: readonly SessionTerminal[];
  readonly renderTerminal: (slot: TerminalSlot) => ReactNode;
}

/** One tab per terminal. All stay connected; the shell is in front at first, because it has the prompt. */
export function TerminalTabs({ terminals, renderTerminal }: TerminalTabsProps) {
  const t = useTranslations("session");
  const [chosen, setChosen] = useState<string | null>(null);
  const first = terminals.find((terminal) => terminal.kind === "shell") ?? terminals[0];
  const value = terminals.find((terminal) => terminal.terminalId === chosen)?.terminalId ?? first?.terminalId;
  if (value === undefined) return null;

  return (
    <Root value={value} onValueChange={setChosen} className="flex min-h-0 flex-1 flex-col">
      <List
        aria-label={t("terminals")}
        className="flex shrink-0 gap-1 overflow-x-auto border-line border-b px-3"
      >
        {terminals.map((terminal) => (
          <Trigger
            key={terminal.terminalId}
            value={terminal.terminalId}
            className="-mb-px flex h-9 items-center gap-2 whitespace-nowrap border-transparent border-b-2 px-1.5 text-ink-faint text-small hover:text-ink data-[state=active]:border-sea data-[state=active]:font-medium data-[state=active]:text-ink"
          >
            {t(`terminal.${terminal.kind}`)}
            {terminal.exitCode !== null && (
              <span className="font-normal text-ink-faint">
                {t("exited", { code: String(terminal.exitCode) })}
              </span>
            )}
          </Trigger>
        ))}
      </List>
      {terminals.map((terminal) => (
        <Content
          key={terminal.terminalId}
          value={terminal.terminalId}
          forceMount
          className="min-h-0 flex-1 data-[state=inactive]:hidden"
        >
          {renderTerminal({
            terminal,
            name: t(`terminal.${terminal.kind}`),
            visible: terminal.terminalId === value,
          })}
        </Content>
      ))}
    </Root>
  );
}
