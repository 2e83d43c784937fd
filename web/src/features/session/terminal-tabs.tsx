import type { SessionTerminal } from "@slipway/protocol";
import { FolderOpen, Plus } from "lucide-react";
import { List, Root, Trigger } from "radix-ui/tabs";
import { type ReactNode, useEffect, useId } from "react";
import { useTranslations } from "use-intl";
import { IconButton } from "../../ui/button.tsx";
import { classNames } from "../../ui/class-names.ts";
import { type Arrangement, apart, beside, closed, named } from "./arrangement.ts";
import { DropArea } from "./container-files/drop-area.tsx";
import type { FilesOrder } from "./container-files/files-order.ts";
import { MOST_TERMINALS } from "./most-terminals.ts";
import { TerminalActions } from "./terminal-actions.tsx";
import { useArrangement } from "./use-arrangement.ts";
import { type Opening, useOpening } from "./use-opening.ts";

export interface TerminalSlot {
  readonly terminal: SessionTerminal;
  readonly name: string;
  /** It can be seen: its tab is the one in front. */
  readonly visible: boolean;
  /** What can be done with its place, for its bar. */
  readonly actions: ReactNode;
}

export interface TerminalTabsProps {
  readonly sessionId: string;
  readonly terminals: readonly SessionTerminal[];
  readonly renderTerminal: (slot: TerminalSlot) => ReactNode;
  /** Opens one more shell and answers its terminal's id; null where that can't be. */
  readonly onOpen: (() => Promise<string>) | null;
  /** Opens the files of the container; null where there are none to open. */
  readonly onFiles: ((order: FilesOrder) => void) | null;
  /** The terminal that was asked for last, wherever that was: it comes to the front. */
  readonly opened?: string | null;
}

/**
 * The terminals as tabs, and side by side where people split them. All stay connected; the shell is in front at first,
 * because it has the prompt. However they are moved, none is drawn anew: they are one list, and only their order changes.
 */
export function TerminalTabs(props: TerminalTabsProps) {
  const { sessionId, terminals, renderTerminal, onOpen, onFiles, opened } = props;
  const base = useId();
  const { arrangement, tabs, change } = useArrangement(
    sessionId,
    terminals.map(({ terminalId }) => terminalId),
  );
  const opening = useOpening(onOpen, terminals.length >= MOST_TERMINALS);
  const nameOf = useNames(terminals, arrangement.names);
  useEffect(() => {
    if (opened != null) change((last) => ({ ...last, active: opened }));
  }, [opened, change]);
  const active = activeIn(terminals, tabs, arrangement.active);
  const front = tabs.find((tab) => tab.includes(active)) ?? [];
  const value = front[0];
  if (value === undefined) return null;
  const activate = (id: string) => change((last) => ({ ...last, active: id }));

  return (
    <Root value={value} onValueChange={activate} className="flex min-h-0 flex-1 flex-col">
      <TabStrip
        base={base}
        tabs={tabs}
        terminals={terminals}
        nameOf={nameOf}
        opening={opening}
        onOpened={activate}
        onFiles={onFiles && (() => onFiles({ terminalId: active, dropped: null }))}
      />
      <DropArea
        into={nameOf(active)}
        onDrop={onFiles && ((dropped) => onFiles({ terminalId: active, dropped }))}
      />
      <div
        role="tabpanel"
        id={`${base}panel`}
        aria-labelledby={`${base}${value}`}
        className="flex min-h-0 flex-1 flex-col medium:flex-row"
      >
        {terminals.map((terminal) => {
          const id = terminal.terminalId;
          const place = front.indexOf(id);
          return (
            <fieldset
              key={id}
              aria-label={nameOf(id)}
              style={{ order: place }}
              onFocus={() => id !== active && activate(id)}
              className={classNames(
                "min-h-0 min-w-0 flex-1 basis-0",
                place === -1 && "hidden",
                place > 0 && "border-line max-medium:border-t medium:border-l",
              )}
            >
              {renderTerminal({
                terminal,
                name: nameOf(id),
                visible: place !== -1,
                actions: (
                  <TerminalActions
                    name={nameOf(id)}
                    shared={front.length > 1}
                    ended={terminal.exitCode !== null && tabs.flat().length > 1}
                    opening={opening}
                    onRename={(name) => change((last) => named(last, id, name))}
                    onSplit={(made) => change((last) => beside(last, made, id))}
                    onApart={() => change((last) => apart(last, id))}
                    onClose={() => change((last) => closed(last, id))}
                  />
                ),
              })}
            </fieldset>
          );
        })}
      </div>
    </Root>
  );
}

/** The terminal in use: the one that was chosen, otherwise the first shell, otherwise the first of all. */
function activeIn(
  terminals: readonly SessionTerminal[],
  tabs: readonly (readonly string[])[],
  chosen: Arrangement["active"],
): string {
  const seen = tabs.flat();
  if (chosen !== null && seen.includes(chosen)) return chosen;
  const shell = terminals.find(({ kind, terminalId }) => kind === "shell" && seen.includes(terminalId));
  return shell?.terminalId ?? seen[0] ?? "";
}

interface TabStripProps {
  readonly base: string;
  readonly tabs: readonly (readonly string[])[];
  readonly terminals: readonly SessionTerminal[];
  readonly nameOf: (id: string) => string;
  readonly opening: Opening | null;
  readonly onOpened: (id: string) => void;
  readonly onFiles: (() => void) | null;
}

function TabStrip({ base, tabs, terminals, nameOf, opening, onOpened, onFiles }: TabStripProps) {
  const t = useTranslations("session");
  const tFiles = useTranslations("containerFiles");
  return (
    <div className="flex shrink-0 items-center border-line border-b pr-2">
      <List aria-label={t("terminals")} className="flex min-w-0 gap-1 overflow-x-auto overflow-y-hidden pl-3">
        {tabs.map((tab) => {
          const ended = terminals.find(({ terminalId }) => terminalId === tab[0])?.exitCode ?? null;
          return (
            <Trigger
              key={tab[0]}
              id={`${base}${tab[0]}`}
              value={tab[0] ?? ""}
              aria-controls={`${base}panel`}
              className="-mb-px flex h-9 items-center gap-2 whitespace-nowrap border-transparent border-b-2 px-1.5 text-ink-soft text-small hover:text-ink focus-visible:-outline-offset-2 data-[state=active]:border-sea data-[state=active]:font-medium data-[state=active]:text-ink"
            >
              {tab.map(nameOf).join(" | ")}
              {tab.length === 1 && ended !== null && (
                <span className="font-normal text-ink-soft">{t("exited", { code: String(ended) })}</span>
              )}
            </Trigger>
          );
        })}
      </List>
      {opening !== null && (
        <>
          <IconButton
            label={t("openTerminal")}
            disabled={!opening.ready}
            onClick={() => opening.open(onOpened)}
          >
            <Plus size={16} strokeWidth={1.75} aria-hidden="true" />
          </IconButton>
          <span role="alert" className="min-w-0 truncate text-bad text-small">
            {opening.failure}
          </span>
        </>
      )}
      {onFiles !== null && (
        <IconButton label={tFiles("openFiles")} aria-haspopup="dialog" onClick={onFiles} className="ml-auto">
          <FolderOpen size={16} strokeWidth={1.75} aria-hidden="true" />
        </IconButton>
      )}
    </div>
  );
}

/** Shells after the first are counted, so that each has a name of its own; what people call them comes before that. */
function useNames(
  terminals: readonly SessionTerminal[],
  given: Arrangement["names"],
): (terminalId: string) => string {
  const t = useTranslations("session");
  const shells: readonly string[] = terminals
    .filter(({ kind, container }) => kind === "shell" && container === null)
    .map(({ terminalId }) => terminalId);
  return (id) => {
    const name = given[id];
    if (name !== undefined) return name;
    const container = terminals.find(({ terminalId }) => terminalId === id)?.container ?? null;
    if (container !== null) return container;
    const number = shells.indexOf(id) + 1;
    if (number === 0) return t("terminal.main");
    return number === 1 ? t("terminal.shell") : t("shellNumber", { number: String(number) });
  };
}
