import { useTranslations } from "use-intl";
import { binaryBytes } from "../../ui/format.ts";
import { Looking, useContainerName } from "./looking.tsx";
import { type ProcessRow, processRows } from "./process-tree.ts";
import { useInside } from "./use-inside.ts";

const NUMBER = "px-3 py-1 text-right tabular-nums";
/** Room that each generation takes, and the last one that takes more. */
const INDENT_REM = 1;
const MOST_INDENTS = 12;

export interface InsideProps {
  readonly sessionId: string;
  readonly visible: boolean;
}

/** The processes of a session as a tree, with the numbers that they have inside and outside. */
export function ProcessesView({ sessionId, visible }: InsideProps) {
  const t = useTranslations("inside");
  const nameOf = useContainerName();
  const { inside, failure } = useInside(sessionId, visible);
  return (
    <Looking label={t("processes")} text={t("processesText")} inside={inside} failure={failure}>
      {({ containers, processes, cut }) => (
        <>
          {containers.map((container) => (
            <ProcessTable
              key={container.id}
              caption={nameOf(container)}
              rows={processRows(processes, container.id)}
            />
          ))}
          {cut && <p className="text-ink-soft text-small">{t("more")}</p>}
        </>
      )}
    </Looking>
  );
}

function ProcessTable({ caption, rows }: { readonly caption: string; readonly rows: readonly ProcessRow[] }) {
  const t = useTranslations("inside");
  return (
    <table className="mb-5 w-full border-collapse text-small">
      <caption className="pb-1 text-left font-semibold">{caption}</caption>
      <thead>
        <tr className="border-line border-b text-ink-soft">
          <th scope="col" className={`${NUMBER} font-medium`}>
            {t("column.pid")}
          </th>
          <th scope="col" className={`${NUMBER} font-medium`}>
            {t("column.hostPid")}
          </th>
          <th scope="col" className="w-full px-3 py-1 text-left font-medium">
            {t("column.command")}
          </th>
          <th scope="col" className={`${NUMBER} whitespace-nowrap font-medium`}>
            {t("column.uid")}
          </th>
          <th scope="col" className={`${NUMBER} whitespace-nowrap font-medium`}>
            {t("column.hostUid")}
          </th>
          <th scope="col" className={`${NUMBER} font-medium`}>
            {t("column.memory")}
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ process, depth }) => (
          <tr key={process.hostPid} className="border-line border-b align-top">
            <td className={`${NUMBER} font-medium`}>{process.pid}</td>
            <td className={`${NUMBER} text-ink-soft`}>{process.hostPid}</td>
            <th
              scope="row"
              title={process.command}
              style={{ paddingLeft: `${0.75 + Math.min(depth, MOST_INDENTS) * INDENT_REM}rem` }}
              className="max-w-0 truncate py-1 pr-3 text-left font-mono font-normal max-medium:min-w-40"
            >
              {process.command || `[${process.name}]`}
            </th>
            <td className={NUMBER}>{process.uid ?? t("nobody")}</td>
            <td className={`${NUMBER} text-ink-soft`}>{process.hostUid}</td>
            <td className={`${NUMBER} whitespace-nowrap`}>{binaryBytes(process.memoryBytes)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
