import { PackageOpen } from "lucide-react";
import { useTranslations } from "use-intl";
import { Button } from "../../ui/button.tsx";

/** Opens and closes the context view. */
export function ContextButton({ open, onToggle }: { readonly open: boolean; readonly onToggle: () => void }) {
  const t = useTranslations("buildContext");
  return (
    <Button
      look="bare"
      size="small"
      title={t("openHint")}
      aria-expanded={open}
      onClick={onToggle}
      icon={<PackageOpen size={15} aria-hidden="true" />}
    >
      {t("open")}
    </Button>
  );
}
