import { PanelBottom, PanelLeft, PanelRight, RectangleVertical } from "lucide-react";
import { useTranslations } from "use-intl";
import { IconButton } from "../../../ui/button.tsx";
import { AREAS, type Area } from "./layout.ts";

const ICONS = { left: PanelLeft, middle: RectangleVertical, build: PanelRight, session: PanelBottom };

/** Which areas a wide screen shows. */
export function AreaSwitches(props: {
  readonly open: readonly Area[];
  readonly onToggle: (area: Area) => void;
}) {
  const t = useTranslations("layout");
  return (
    <fieldset aria-label={t("areas")} className="flex items-center gap-0.5">
      {AREAS.map((area) => {
        const Icon = ICONS[area];
        return (
          <IconButton
            key={area}
            label={t("switch", { name: t(`area.${area}`) })}
            aria-pressed={props.open.includes(area)}
            onClick={() => props.onToggle(area)}
            className="h-7 aria-[pressed=false]:text-ink-faint aria-[pressed=false]:opacity-60"
          >
            <Icon size={15} strokeWidth={1.75} aria-hidden="true" />
          </IconButton>
        );
      })}
    </fieldset>
  );
}
