import { Columns2, PencilLine, SquareSplitHorizontal, X } from "lucide-react";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { useTranslations } from "use-intl";
import { IconButton } from "../../ui/button.tsx";
import { NAME_CHARACTERS } from "./arrangement.ts";
import type { Opening } from "./use-opening.ts";

const ICON = { size: 15, strokeWidth: 1.75, "aria-hidden": "true" } as const;

export interface TerminalActionsProps {
  readonly name: string;
  /** It stands beside another one. */
  readonly shared: boolean;
  /** Its process has ended, and there are others to look at. */
  readonly ended: boolean;
  readonly opening: Opening | null;
  readonly onRename: (name: string) => void;
  readonly onSplit: (terminalId: string) => void;
  readonly onApart: () => void;
  readonly onClose: () => void;
}

/** What can be done with the place of a terminal: its name, a split, a tab of its own, out of sight. */
export function TerminalActions(props: TerminalActionsProps) {
  const t = useTranslations("terminalBar");
  const { name, opening } = props;
  const [renaming, setRenaming] = useState(false);
  if (renaming) {
    return (
      <NameField
        name={name}
        onDone={(next) => {
          setRenaming(false);
          if (next !== null) props.onRename(next);
        }}
      />
    );
  }
  return (
    <>
      {props.shared && (
        <span className="max-w-28 shrink-0 truncate pl-1 text-ink-soft text-small">{name}</span>
      )}
      <IconButton label={t("rename", { name })} onClick={() => setRenaming(true)}>
        <PencilLine {...ICON} />
      </IconButton>
      {opening !== null && (
        <IconButton label={t("split")} disabled={!opening.ready} onClick={() => opening.open(props.onSplit)}>
          <Columns2 {...ICON} />
        </IconButton>
      )}
      {props.shared && (
        <IconButton label={t("apart")} onClick={props.onApart}>
          <SquareSplitHorizontal {...ICON} />
        </IconButton>
      )}
      {props.ended && (
        <IconButton label={t("close", { name })} onClick={props.onClose}>
          <X {...ICON} />
        </IconButton>
      )}
    </>
  );
}

/** Enter and leaving take the name, Escape doesn't. */
function NameField({
  name,
  onDone,
}: {
  readonly name: string;
  readonly onDone: (name: string | null) => void;
}) {
  const t = useTranslations("terminalBar");
  const [text, setText] = useState(name);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    field.current?.focus();
    field.current?.select();
  }, []);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onDone(text);
  };
  return (
    <form onSubmit={submit}>
      <input
        ref={field}
        aria-label={t("name")}
        value={text}
        maxLength={NAME_CHARACTERS}
        onChange={(event) => setText(event.target.value)}
        onBlur={() => onDone(text)}
        onKeyDown={(event) => {
          if (event.key !== "Escape") return;
          event.stopPropagation();
          onDone(null);
        }}
        className="h-7 w-40 rounded-medium border border-line-strong bg-surface px-2 text-small"
      />
    </form>
  );
}
