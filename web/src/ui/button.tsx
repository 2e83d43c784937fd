import type { ButtonHTMLAttributes, ReactNode } from "react";
import { classNames } from "./class-names.ts";

/**
 * `launch`: sets something afloat, one per screen; `primary`: the next step otherwise; `quiet`: with an outline;
 * `bare`: no outline, in bars and rows; `danger`: takes something away for good.
 */
export type ButtonLook = "launch" | "primary" | "quiet" | "bare" | "danger";

const LOOKS: Record<ButtonLook, string> = {
  launch: "bg-lead text-on-lead hover:bg-lead-strong",
  primary: "bg-sea text-on-sea hover:bg-sea-strong",
  quiet: "border border-line-strong text-ink hover:bg-hover",
  bare: "text-ink-soft hover:bg-hover hover:text-ink",
  danger: "bg-bad text-on-sea hover:brightness-110",
};

const SIZES = {
  small: "h-8 gap-1.5 px-2.5 text-small",
  medium: "h-9 gap-2 px-3.5 text-base",
  large: "h-12 gap-2.5 px-6 text-large",
};

export interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  readonly look?: ButtonLook;
  readonly size?: keyof typeof SIZES;
  readonly icon?: ReactNode;
}

export function Button({ look = "quiet", size = "medium", icon, className, children, ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      className={classNames(
        "inline-flex shrink-0 items-center justify-center whitespace-nowrap rounded-medium font-medium transition-colors",
        "disabled:pointer-events-none disabled:opacity-45 aria-disabled:opacity-45",
        SIZES[size],
        LOOKS[look],
        className,
      )}
    >
      {icon}
      {children}
    </button>
  );
}

/** A square button that shows only an icon; `label` is its name for everyone, and its hint. */
export function IconButton({
  label,
  children,
  className,
  ...rest
}: ButtonHTMLAttributes<HTMLButtonElement> & { readonly label: string }) {
  return (
    <button
      type="button"
      title={label}
      aria-label={label}
      {...rest}
      className={classNames(
        "inline-flex size-8 shrink-0 items-center justify-center rounded-medium text-ink-soft transition-colors",
        "hover:bg-hover hover:text-ink disabled:pointer-events-none disabled:opacity-45",
        className,
      )}
    >
      {children}
    </button>
  );
}
