import type { SessionTerminal } from "@slipway/protocol";
import { Plus } from "lucide-react";
import { Content, List, Root, Trigger } from "radix-ui/tabs";
import { type ReactNode, useState } from "react";
import { useTranslations } from "use-intl";
import { wireErrorOf } from "../../rpc/failure.ts";
import { IconButton } from "../../ui/button.tsx";
import { useErrorSentence } from "../../ui/error-sentence.ts";
import { MOST_TERMINALS } from "./most-terminals.ts";

export interface TerminalSlot {
  readonly terminal: SessionTerminal;
  readonly name: string;
  /** Its tab is the one in front. */
  readonly visible: boolean;
}

export interface TerminalTabsProps {
  readonly terminals: readonly SessionTerminal[];
  readonly renderTerminal: (slot: TerminalSlot) => ReactNode;
  /** Opens one more shell and answers its terminal's id; null where that can't be. */
  readonly onOpen: (() => Promise<string>) | null;
}

/** One tab per terminal. All stay connected; the shell is in front at first, because it has the prompt. */
export function TerminalTabs({ terminals, renderTerminal, onOpen }: TerminalTabsProps) {
  const t = useTranslations("session");
  const [chosen, setChosen] = useState<string | null>(null);
  const names = useNames(terminals);
  const first = terminals.find((terminal) => terminal.kind === "shell") ?? terminals[0];
  const value = terminals.find((terminal) => terminal.terminalId === chosen)?.terminalId ?? first?.terminalId;
  if (value === undefined) return null;

  return (
    <Root value={value} onValueChange={setChosen} className="flex min-h-0 flex-1 flex-col">
      <div className="flex shrink-0 items-center border-line border-b pr-2">
        <List aria-label={t("terminals")} className="flex min-w-0 gap-1 overflow-x-auto pl-3">
          {terminals.map((terminal, index) => (
            <Trigger
              key={terminal.terminalId}
              value={terminal.terminalId}
              className="-mb-px flex h-9 items-center gap-2 whitespace-nowrap border-transparent border-b-2 px-1.5 text-ink-faint text-small hover:text-ink data-[state=active]:border-sea data-[state=active]:font-medium data-[state=active]:text-ink"
            >
              {names[index]}
              {terminal.exitCode !== null && (
                <span className="font-normal text-ink-faint">
                  {t("exited", { code: String(terminal.exitCode) })}
                </span>
              )}
            </Trigger>
          ))}
        </List>
        {onOpen !== null && (
          <OpenTerminal full={terminals.length >= MOST_TERMINALS} onOpen={onOpen} onOpened={setChosen} />
        )}
      </div>
      {terminals.map((terminal, index) => (
        <Content
          key={terminal.terminalId}
          value={terminal.terminalId}
          forceMount
          className="min-h-0 flex-1 data-[state=inactive]:hidden"
        >
          {renderTerminal({
            terminal,
            name: names[index] ?? "",
            visible: terminal.terminalId === value,
          })}
        </Content>
      ))}
    </Root>
  );
}

/** Shells after the first are counted, so that each has a name of its own. */
function useNames(terminals: readonly SessionTerminal[]): string[] {
  const t = useTranslations("session");
  let shells = 0;
  return terminals.map(({ kind }) => {
    if (kind === "main") return t("terminal.main");
    shells += 1;
    return shells === 1 ? t("terminal.shell") : t("shellNumber", { number: String(shells) });
  });
}

function OpenTerminal(props: {
  readonly full: boolean;
  readonly onOpen: () => Promise<string>;
  readonly onOpened: (terminalId: string) => void;
}) {
  const t = useTranslations("session");
  const sentence = useErrorSentence();
  const [state, setState] = useState<"ready" | "opening" | { readonly failure: string }>("ready");
  const open = async () => {
    setState("opening");
    try {
      props.onOpened(await props.onOpen());
      setState("ready");
    } catch (thrown) {
      setState({ failure: sentence(wireErrorOf(thrown)) });
    }
  };
  return (
    <>
      <IconButton
        label={t("openTerminal")}
        disabled={props.full || state === "opening"}
        onClick={() => void open()}
      >
        <Plus size={16} strokeWidth={1.75} aria-hidden="true" />
      </IconButton>
      <span role="alert" className="min-w-0 truncate text-bad text-small">
        {typeof state === "object" && state.failure}
      </span>
    </>
  );
}
