import { GitFork, Pencil, Trash2 } from "lucide-react";
import { type FormEvent, useRef, useState } from "react";
import { useLocale, useTranslations } from "use-intl";
import type { PlaygroundSummary } from "../../rpc/client.ts";
import { IconButton } from "../../ui/button.tsx";
import { TextInput } from "../../ui/field.tsx";
import { bytes, timeAgo } from "../../ui/format.ts";

/** Longest name of a playground, characters. */
const MAX_NAME_LENGTH = 100;

export interface PlaygroundRowProps {
  readonly playground: PlaygroundSummary;
  readonly onRename: (name: string) => void;
  readonly onFork: () => void;
  readonly onDelete: () => void;
}

/** One playground: the way into it, and what can be done with it. */
export function PlaygroundRow({ playground, onRename, onFork, onDelete }: PlaygroundRowProps) {
  const t = useTranslations("playgrounds");
  const language = useLocale();
  const [renaming, setRenaming] = useState(false);
  const { id, name, savedAt, fileCount, byteCount, live } = playground;
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-1 rounded-medium border border-line bg-surface px-4 py-2.5">
      <div className="min-w-0 flex-1 basis-[14rem]">
        {renaming ? (
          <NameForm
            name={name}
            onDone={(next) => {
              setRenaming(false);
              if (next !== null && next !== name) onRename(next);
            }}
          />
        ) : (
          <a href={`/p/${id}`} className="block truncate font-medium hover:underline">
            {name}
          </a>
        )}
        <p className="flex flex-wrap gap-x-3 text-ink-faint text-small">
          <span>{t("summary", { files: fileCount, size: bytes(byteCount) })}</span>
          <time dateTime={new Date(savedAt).toISOString()}>{timeAgo(savedAt, Date.now(), language)}</time>
          {live && <span className="text-good">{t("live")}</span>}
        </p>
      </div>
      <div className="flex">
        <IconButton label={t("rename", { name })} onClick={() => setRenaming(true)}>
          <Pencil size={16} strokeWidth={1.75} aria-hidden="true" />
        </IconButton>
        <IconButton label={t("fork", { name })} onClick={onFork}>
          <GitFork size={16} strokeWidth={1.75} aria-hidden="true" />
        </IconButton>
        <IconButton label={t("delete", { name })} onClick={onDelete}>
          <Trash2 size={16} strokeWidth={1.75} aria-hidden="true" />
        </IconButton>
      </div>
    </div>
  );
}

interface NameFormProps {
  readonly name: string;
  /** Null leaves the name as it was. */
  readonly onDone: (name: string | null) => void;
}

function NameForm({ name, onDone }: NameFormProps) {
  const t = useTranslations("playgrounds");
  const [text, setText] = useState(name);
  /** The field reports once: leaving it after Enter or Escape says nothing new. */
  const over = useRef(false);
  const finish = (next: string | null) => {
    if (over.current) return;
    over.current = true;
    onDone(next);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    finish(text.trim() || null);
  };
  return (
    <form onSubmit={submit}>
      <TextInput
        aria-label={t("renameName", { name })}
        value={text}
        maxLength={MAX_NAME_LENGTH}
        ref={(field) => field?.focus()}
        onChange={({ currentTarget }) => setText(currentTarget.value)}
        onKeyDown={(event) => event.key === "Escape" && finish(null)}
        onBlur={() => finish(text.trim() || null)}
      />
    </form>
  );
}
