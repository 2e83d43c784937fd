import type { IgnoreRule } from "@slipway/dockerfile";
import { ChevronRight } from "lucide-react";
import { useTranslations } from "use-intl";
import { classNames } from "../../ui/class-names.ts";
import { bytes } from "../../ui/format.ts";
import type { ContextFileNode, ContextFolderNode, ContextNode } from "./context-tree.ts";

/** Rows of one folder; what is beyond is told as a number. */
const MOST_ROWS = 200;

interface Actions {
  readonly onOpen: (path: string) => void;
  readonly onShowRule: (rule: IgnoreRule) => void;
}

/** Files and folders of one folder. */
export function ContextRows({ nodes, ...actions }: { readonly nodes: readonly ContextNode[] } & Actions) {
  const t = useTranslations("buildContext");
  return (
    <ul>
      {nodes
        .slice(0, MOST_ROWS)
        .map((node) =>
          node.kind === "file" ? (
            <File key={node.path} file={node} {...actions} />
          ) : (
            <Folder key={node.path} folder={node} {...actions} />
          ),
        )}
      {nodes.length > MOST_ROWS && (
        <li className="py-0.5 pl-5 text-ink-faint">{t("more", { count: nodes.length - MOST_ROWS })}</li>
      )}
    </ul>
  );
}

/** What is sent, or the rule that leaves it out. */
function Fate({
  sent,
  size,
  rule,
  onShowRule,
}: { readonly sent: boolean; readonly size: number; readonly rule: IgnoreRule | null } & Pick<
  Actions,
  "onShowRule"
>) {
  const t = useTranslations("buildContext");
  return (
    <span className="ml-auto flex shrink-0 items-baseline gap-3">
      {rule !== null && (
        <button
          type="button"
          onClick={() => onShowRule(rule)}
          className="max-w-[14rem] truncate font-mono text-sea underline underline-offset-2"
        >
          {t(sent ? "broughtBack" : "byRule", { line: String(rule.line), pattern: rule.pattern })}
        </button>
      )}
      {!sent && rule === null && <span className="text-ink-faint">{t("out")}</span>}
      <span className="w-16 text-right text-ink-faint tabular-nums">{bytes(size)}</span>
    </span>
  );
}

function File({ file, onOpen, onShowRule }: { readonly file: ContextFileNode } & Actions) {
  return (
    <li className="flex min-h-7 items-baseline gap-2 py-0.5 pl-5">
      <button
        type="button"
        onClick={() => onOpen(file.path)}
        className={classNames(
          "min-w-0 truncate text-left font-mono hover:underline",
          !file.sent && "text-ink-faint line-through",
        )}
      >
        {file.name}
      </button>
      <Fate sent={file.sent} size={file.bytes} rule={file.rule} onShowRule={onShowRule} />
    </li>
  );
}

function Folder({ folder, ...actions }: { readonly folder: ContextFolderNode } & Actions) {
  const isSent = folder.sent.files > 0;
  return (
    <li>
      <details className="group/folder">
        <summary className="flex min-h-7 cursor-pointer items-baseline gap-1 py-0.5 marker:content-none">
          <ChevronRight
            size={14}
            aria-hidden="true"
            className="shrink-0 self-center transition-transform group-open/folder:rotate-90"
          />
          <span
            className={classNames("min-w-0 truncate font-mono", !isSent && "text-ink-faint line-through")}
          >
            {folder.name}/
          </span>
          <Fate
            sent={isSent}
            size={isSent ? folder.sent.bytes : folder.leftOut.bytes}
            rule={folder.rule}
            onShowRule={actions.onShowRule}
          />
        </summary>
        <div className="pl-4">
          <ContextRows nodes={folder.children} {...actions} />
        </div>
      </details>
    </li>
  );
}
