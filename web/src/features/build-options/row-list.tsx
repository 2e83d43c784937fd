import { Eye, EyeOff, Plus, X } from "lucide-react";
import { useId, useState } from "react";
import { useTranslations } from "use-intl";
import { Button, IconButton } from "../../ui/button.tsx";
import { classNames } from "../../ui/class-names.ts";
import { FIELD, TextInput } from "../../ui/field.tsx";
import { newRow, type Row, type RowProblem } from "./wish.ts";

export interface RowListProps {
  readonly title: string;
  readonly text: string;
  readonly rows: readonly Row[];
  readonly onRows: (rows: readonly Row[]) => void;
  readonly problem: RowProblem | null;
  /** Names to choose from. */
  readonly suggested: readonly string[];
  /** Values that are not to be read by someone who looks on. */
  readonly hidden: boolean;
  readonly labels: {
    readonly name: string;
    readonly value: string;
    readonly add: string;
    readonly nameOf: (number: string) => string;
    readonly valueOf: (name: string) => string;
  };
}

/** A list of names and values that grows and shrinks. */
export function RowList({ title, text, rows, onRows, problem, suggested, hidden, labels }: RowListProps) {
  const t = useTranslations("buildOptions");
  const listId = useId();
  const change = (changed: Row) => onRows(rows.map((row) => (row.key === changed.key ? changed : row)));
  return (
    <fieldset>
      <legend className="font-medium">{title}</legend>
      <p className="text-ink-faint text-small">{text}</p>
      <datalist id={listId}>
        {suggested.map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      {rows.length > 0 && (
        <ul className="mt-2 flex flex-col gap-2">
          {rows.map((row, index) => {
            const name = row.name.trim() || t("unnamed");
            return (
              <li
                key={row.key}
                className="grid grid-cols-[minmax(0,2fr)_minmax(0,3fr)_auto] items-start gap-2"
              >
                <TextInput
                  list={listId}
                  value={row.name}
                  placeholder={labels.name}
                  aria-label={labels.nameOf(String(index + 1))}
                  onChange={({ currentTarget }) => change({ ...row, name: currentTarget.value })}
                  className="font-mono text-small"
                />
                <ValueField
                  hidden={hidden}
                  value={row.value}
                  placeholder={labels.value}
                  label={labels.valueOf(name)}
                  onValue={(value) => change({ ...row, value })}
                />
                <IconButton
                  label={t("remove", { name })}
                  onClick={() => onRows(rows.filter(({ key }) => key !== row.key))}
                  className="mt-0.5"
                >
                  <X size={16} aria-hidden="true" />
                </IconButton>
              </li>
            );
          })}
        </ul>
      )}
      {problem !== null && (
        <p role="alert" className="mt-1.5 text-bad text-small">
          {t(problem.kind, { name: problem.name })}
        </p>
      )}
      <Button
        size="small"
        look="bare"
        className="mt-1 -ml-2.5"
        icon={<Plus size={15} aria-hidden="true" />}
        onClick={() => onRows([...rows, newRow(rows)])}
      >
        {labels.add}
      </Button>
    </fieldset>
  );
}

interface ValueFieldProps {
  readonly hidden: boolean;
  readonly value: string;
  readonly placeholder: string;
  readonly label: string;
  readonly onValue: (value: string) => void;
}

/** A value; a hidden one may have several lines, as keys do, and can be shown. */
function ValueField({ hidden, value, placeholder, label, onValue }: ValueFieldProps) {
  const t = useTranslations("buildOptions");
  const [shown, setShown] = useState(false);
  if (!hidden) {
    return (
      <TextInput
        value={value}
        placeholder={placeholder}
        aria-label={label}
        onChange={({ currentTarget }) => onValue(currentTarget.value)}
        className="font-mono text-small"
      />
    );
  }
  const Icon = shown ? EyeOff : Eye;
  return (
    <div className="relative">
      <textarea
        rows={1}
        value={value}
        placeholder={placeholder}
        aria-label={label}
        spellCheck={false}
        autoComplete="off"
        onChange={({ currentTarget }) => onValue(currentTarget.value)}
        className={classNames(
          FIELD,
          "block min-h-9 resize-y py-1.5 pr-9 font-mono text-small [field-sizing:content] max-h-40",
          !shown && "[-webkit-text-security:disc]",
        )}
      />
      <IconButton
        label={t(shown ? "hide" : "show")}
        aria-pressed={shown}
        onClick={() => setShown(!shown)}
        className="absolute top-0.5 right-0.5"
      >
        <Icon size={15} aria-hidden="true" />
      </IconButton>
    </div>
  );
}
