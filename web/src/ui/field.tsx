import { type InputHTMLAttributes, type ReactNode, type Ref, useId } from "react";
import { classNames } from "./class-names.ts";

/** The look of everything that takes text. */
export const FIELD =
  "w-full min-w-0 rounded-medium border border-line-strong bg-surface px-2.5 text-base text-ink placeholder:text-ink-faint";

/** A line of text. */
export function TextInput({
  className,
  ...rest
}: InputHTMLAttributes<HTMLInputElement> & { readonly ref?: Ref<HTMLInputElement> }) {
  return (
    <input
      type="text"
      spellCheck={false}
      autoComplete="off"
      {...rest}
      className={classNames(FIELD, "h-9", className)}
    />
  );
}

/** A yes or no with what it means below. */
export function Check(props: {
  readonly label: string;
  readonly hint: string;
  readonly checked: boolean;
  readonly onChange: (checked: boolean) => void;
}) {
  return (
    <label className="flex cursor-pointer items-start gap-2.5">
      <input
        type="checkbox"
        checked={props.checked}
        onChange={({ currentTarget }) => props.onChange(currentTarget.checked)}
        className="mt-1 size-4 shrink-0 accent-sea"
      />
      <span>
        {props.label}
        <span className="block text-ink-faint text-small">{props.hint}</span>
      </span>
    </label>
  );
}

/** A labelled thing to fill in, with a hint below; `children` gets the ids that tie the three together. */
export function Labelled(props: {
  readonly label: string;
  readonly hint?: string;
  readonly children: (ids: { readonly id: string; readonly "aria-describedby"?: string }) => ReactNode;
}) {
  const id = useId();
  const hintId = `${id}-hint`;
  const { label, hint, children } = props;
  return (
    <div>
      <label htmlFor={id} className="mb-1 block font-medium text-small">
        {label}
      </label>
      {hint === undefined ? children({ id }) : children({ id, "aria-describedby": hintId })}
      {hint !== undefined && (
        <p id={hintId} className="mt-1 text-ink-faint text-small">
          {hint}
        </p>
      )}
    </div>
  );
}
