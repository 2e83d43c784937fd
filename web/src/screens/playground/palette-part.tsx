import { Command } from "lucide-react";
import { lazy, Suspense, useEffect, useState } from "react";
import { useTranslations } from "use-intl";
import { IconButton } from "../../ui/button.tsx";
import { loadChunk } from "../../ui/load-chunk.ts";

/** Its code is loaded when it is opened for the first time. */
const PagePalette = lazy(() =>
  loadChunk(() => import("./page-palette.tsx")).then((module) => ({ default: module.PagePalette })),
);

/** Opens the palette: Ctrl+K or Command+K, in a terminal Ctrl+Shift+K, because Ctrl+K is the program's there. */
export function PalettePart() {
  const t = useTranslations("palette");
  const [open, setOpen] = useState(false);
  const [keys, setKeys] = useState("Ctrl+K");
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (event.code !== "KeyK" || event.altKey || !(event.ctrlKey || event.metaKey)) return;
      const inTerminal = event.target instanceof Element && event.target.closest(".xterm") !== null;
      if (inTerminal && !event.shiftKey && !event.metaKey) return;
      event.preventDefault();
      setOpen((last) => !last);
    };
    if (/mac|iphone|ipad/i.test(navigator.userAgent)) setKeys("⌘K");
    // Before the editor, which has a meaning of its own for it on a Mac.
    document.addEventListener("keydown", pressed, { capture: true });
    return () => document.removeEventListener("keydown", pressed, { capture: true });
  }, []);
  return (
    <>
      <IconButton
        label={t("open", { keys })}
        aria-haspopup="dialog"
        aria-keyshortcuts="Control+K Meta+K"
        onClick={() => setOpen(true)}
      >
        <Command size={17} strokeWidth={1.75} aria-hidden="true" />
      </IconButton>
      <Suspense>{open && <PagePalette onClose={() => setOpen(false)} />}</Suspense>
    </>
  );
}
