import { useEffect, useId, useRef, useState } from "react";
import { useTranslations } from "use-intl";
import { fileNameProblem } from "./file-name.ts";

export interface FileNameFieldProps {
  readonly label: string;
  readonly initial: string;
  /** Paths of the others. */
  readonly taken: { readonly files: readonly string[]; readonly folders: readonly string[] };
  readonly onDone: (name: string) => void;
  readonly onCancel: () => void;
}

/** A name typed in place: Enter takes it, Escape leaves things as they were. */
export function FileNameField({ label, initial, taken, onDone, onCancel }: FileNameFieldProps) {
  const t = useTranslations("files");
  const [name, setName] = useState(initial);
  const [tried, setTried] = useState(false);
  const hint = useId();
  const field = useRef<HTMLInputElement>(null);
  /** The field reports once: leaving it after Enter or Escape says nothing new. */
  const over = useRef(false);
  useEffect(() => field.current?.focus(), []);
  const finish = (report: () => void) => {
    if (over.current) return;
    over.current = true;
    report();
  };
  const problem = fileNameProblem(name, taken.files, taken.folders);
  const shown = problem !== null && (tried || (name !== "" && name !== initial)) ? problem : null;

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (problem === null) finish(() => onDone(name));
        else setTried(true);
      }}
      className="py-0.5"
    >
      <input
        aria-label={label}
        aria-invalid={shown !== null}
        aria-describedby={shown === null ? undefined : hint}
        value={name}
        ref={field}
        spellCheck={false}
        autoCapitalize="none"
        onFocus={(event) => select(event.target, initial)}
        onChange={(event) => setName(event.target.value)}
        onKeyDown={(event) => event.key === "Escape" && finish(onCancel)}
        onBlur={() => finish(() => (problem === null ? onDone(name) : onCancel()))}
        className="h-8 w-full rounded-small border border-sea bg-surface px-2 font-mono text-small text-ink outline-none aria-invalid:border-bad"
      />
      {shown !== null && (
        <p id={hint} role="alert" className="px-1 pt-1 text-small text-bad">
          {t(shown)}
        </p>
      )}
    </form>
  );
}

/** Selects the name without its ending: folders and the ending mostly stay. */
function select(field: HTMLInputElement, path: string): void {
  const start = path.lastIndexOf("/") + 1;
  const dot = path.indexOf(".", start + 1);
  field.setSelectionRange(start, dot === -1 ? path.length : dot);
}
