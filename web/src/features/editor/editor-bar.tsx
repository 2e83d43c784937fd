import { ListTree, WandSparkles } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslations } from "use-intl";
import { Button } from "../../ui/button.tsx";

export interface EditorBarProps {
  readonly path: string;
  readonly isDockerfile: boolean;
  readonly outlineOpen: boolean;
  readonly onOutline: () => void;
  readonly onFormat: () => void;
  /** Further switches, of other features. */
  readonly children?: ReactNode;
}

/** Above the text: which file it is, and what can be done with it. */
export function EditorBar({
  path,
  isDockerfile,
  outlineOpen,
  onOutline,
  onFormat,
  children,
}: EditorBarProps) {
  const t = useTranslations("editor");
  return (
    <div className="flex min-h-10 shrink-0 flex-wrap items-center gap-x-1 border-line border-b pr-1.5 pl-4">
      <span className="min-w-0 flex-1 truncate font-mono text-ink-faint text-small">{path}</span>
      {isDockerfile && (
        <>
          <Button
            look="bare"
            size="small"
            title={t("formatHint")}
            onClick={onFormat}
            icon={<WandSparkles size={15} aria-hidden="true" />}
          >
            {t("format")}
          </Button>
          <Button
            look="bare"
            size="small"
            aria-expanded={outlineOpen}
            onClick={onOutline}
            icon={<ListTree size={15} aria-hidden="true" />}
          >
            {t("outline")}
          </Button>
        </>
      )}
      {children}
    </div>
  );
}
