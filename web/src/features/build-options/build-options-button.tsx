import { SlidersHorizontal } from "lucide-react";
import { useTranslations } from "use-intl";
import { IconButton } from "../../ui/button.tsx";
import { isAnythingRemembered, type Remembered } from "./wish.ts";

/** Opens the options; a dot says that the playground's builds have some. */
export function BuildOptionsButton(props: { readonly remembered: Remembered; readonly onOpen: () => void }) {
  const t = useTranslations("buildOptions");
  const isSet = isAnythingRemembered(props.remembered);
  return (
    <IconButton
      label={t(isSet ? "openRemembered" : "open")}
      aria-haspopup="dialog"
      onClick={props.onOpen}
      className="relative size-9 border border-line-strong"
    >
      <SlidersHorizontal size={16} strokeWidth={1.75} aria-hidden="true" />
      {isSet && (
        <span
          aria-hidden="true"
          className="absolute -top-1 -right-1 size-2.5 rounded-full bg-lead ring-2 ring-paper"
        />
      )}
    </IconButton>
  );
}
