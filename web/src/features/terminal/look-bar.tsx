import { AArrowDown, AArrowUp } from "lucide-react";
import { useId } from "react";
import { useTranslations } from "use-intl";
import { IconButton } from "../../ui/button.tsx";
import {
  changeLook,
  LEAST_FONT_PX,
  MOST_FONT_PX,
  type TerminalThemeName,
  THEME_NAMES,
  useTerminalLook,
} from "./terminal-look.ts";

const ICON = { size: 16, strokeWidth: 1.75, "aria-hidden": "true" } as const;

/** How terminals look: one choice for all of them, remembered by the browser. */
export function LookBar() {
  const t = useTranslations("terminalBar");
  const look = useTerminalLook();
  const hint = useId();
  return (
    <fieldset
      aria-label={t("lookTitle")}
      className="flex shrink-0 flex-wrap items-center gap-x-4 gap-y-1 border-line border-b bg-sunk px-4 py-1 text-small"
    >
      <span className="flex items-center">
        <IconButton
          label={t("smaller")}
          disabled={look.fontPx <= LEAST_FONT_PX}
          onClick={() => changeLook({ fontPx: look.fontPx - 1 })}
        >
          <AArrowDown {...ICON} />
        </IconButton>
        <span className="w-6 text-center tabular-nums">{look.fontPx}</span>
        <IconButton
          label={t("larger")}
          disabled={look.fontPx >= MOST_FONT_PX}
          onClick={() => changeLook({ fontPx: look.fontPx + 1 })}
        >
          <AArrowUp {...ICON} />
        </IconButton>
      </span>
      <label className="flex items-center gap-2">
        {t("theme")}
        <select
          value={look.theme}
          onChange={(event) => changeLook({ theme: event.target.value as TerminalThemeName })}
          className="h-7 rounded-medium border border-line-strong bg-surface px-1.5"
        >
          {THEME_NAMES.map((name) => (
            <option key={name} value={name}>
              {t(`themes.${name}`)}
            </option>
          ))}
        </select>
      </label>
      <label className="flex items-center gap-2">
        <input
          type="checkbox"
          checked={look.screenReader}
          aria-describedby={hint}
          onChange={(event) => changeLook({ screenReader: event.target.checked })}
        />
        {t("screenReader")}
      </label>
      <span id={hint} className="sr-only">
        {t("screenReaderText")}
      </span>
    </fieldset>
  );
}
