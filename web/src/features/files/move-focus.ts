import type { KeyboardEvent } from "react";

/** Up and down, Home and End go from row to row of a list whose buttons have `data-path`. */
export function moveFocus(event: KeyboardEvent): void {
  const list = event.currentTarget.closest("ul");
  if (list === null) return;
  const buttons = [...list.querySelectorAll<HTMLElement>("[data-path]")];
  const here = buttons.indexOf(event.currentTarget as HTMLElement);
  const targets: Record<string, HTMLElement | undefined> = {
    ArrowDown: buttons[here + 1],
    ArrowUp: buttons[here - 1],
    Home: buttons[0],
    End: buttons.at(-1),
  };
  const target = targets[event.key];
  if (target === undefined) return;
  event.preventDefault();
  target.focus();
}
