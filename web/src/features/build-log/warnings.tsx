import type { SourceRange } from "@slipway/protocol";
import { ChevronRight, TriangleAlert } from "lucide-react";
import { useTranslations } from "use-intl";
import type { Warning } from "./build-log.ts";
import { ShowLine } from "./show-line.tsx";
import { useWarningSentence } from "./warning-sentence.ts";

/** What is worth a thought in the Dockerfile: each with the name of its check, the details, and its line. */
export function Warnings(props: {
  readonly warnings: readonly Warning[];
  readonly onShow: (range: SourceRange) => void;
}) {
  const t = useTranslations("build");
  const sentence = useWarningSentence();
  if (props.warnings.length === 0) return null;
  return (
    // One says itself; more of them wait behind their number, so that the steps keep their place.
    <details open={props.warnings.length === 1} className="group border-line border-b">
      <summary className="flex cursor-pointer items-center gap-2.5 px-4 py-2 font-medium text-small marker:content-none">
        <TriangleAlert size={16} className="shrink-0 text-warn" aria-hidden="true" />
        {t("warningCount", { count: props.warnings.length })}
        <ChevronRight
          size={15}
          aria-hidden="true"
          className="ml-auto text-ink-faint transition-transform group-open:rotate-90"
        />
      </summary>
      <ul aria-label={t("warnings")} className="pb-1.5">
        {props.warnings.map((warning) => {
          const said = sentence(warning);
          return (
            <li
              key={`${warning.code} ${warning.range?.startLine} ${warning.range?.startColumn} ${warning.message}`}
              className="grid grid-cols-[minmax(0,1fr)_auto] items-start gap-x-2.5 py-1.5 pr-4 pl-[2.625rem] text-small"
            >
              <div className="min-w-0">
                <p>{said}</p>
                <p className="text-ink-faint [overflow-wrap:anywhere]">
                  <code className="text-[0.75rem]">{warning.code}</code>
                  {said !== warning.message && ` · ${warning.message}`}
                </p>
              </div>
              {warning.range !== null && <ShowLine range={warning.range} onShow={props.onShow} />}
            </li>
          );
        })}
      </ul>
    </details>
  );
}
