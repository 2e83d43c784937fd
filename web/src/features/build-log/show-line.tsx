import type { SourceRange } from "@slipway/protocol";
import { useTranslations } from "use-intl";

/** A link to a line of the Dockerfile. */
export function ShowLine(props: {
  readonly range: SourceRange;
  readonly onShow: (range: SourceRange) => void;
}) {
  const t = useTranslations("build");
  const line = String(props.range.startLine);
  return (
    <button
      type="button"
      aria-label={t("showLine", { line })}
      onClick={() => props.onShow(props.range)}
      className="font-medium text-sea text-small underline decoration-1 underline-offset-4 hover:text-sea-strong"
    >
      {t("line", { line })}
    </button>
  );
}
