import { Hammer, LoaderCircle } from "lucide-react";
import { useEffect, useState } from "react";
import { useTranslations } from "use-intl";
import { Button } from "../../ui/button.tsx";

/** Builds; Ctrl+Enter (Command+Enter on a Mac) does the same from anywhere on the page but a terminal. */
export function BuildButton({ busy, onBuild }: { readonly busy: boolean; readonly onBuild: () => void }) {
  const t = useTranslations("build");
  const [keys, setKeys] = useState("Ctrl+Enter");
  useEffect(() => {
    if (/mac|iphone|ipad/i.test(navigator.userAgent)) setKeys("⌘+Enter");
  }, []);
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.defaultPrevented) return;
      if (event.target instanceof Element && event.target.closest(".xterm") !== null) return;
      event.preventDefault();
      onBuild();
    };
    document.addEventListener("keydown", pressed);
    return () => document.removeEventListener("keydown", pressed);
  }, [onBuild]);
  return (
    <Button
      look="primary"
      size="small"
      className="h-9 px-3.5"
      onClick={onBuild}
      title={t("actionHint", { keys })}
      aria-keyshortcuts="Control+Enter Meta+Enter"
      icon={
        busy ? (
          <LoaderCircle size={16} className="motion-safe:animate-spin" aria-hidden="true" />
        ) : (
          <Hammer size={16} strokeWidth={1.75} aria-hidden="true" />
        )
      }
    >
      {t("action")}
    </Button>
  );
}
