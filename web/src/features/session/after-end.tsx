import type { SessionView } from "../../rpc/client.ts";
import { Ended } from "./ended.tsx";
import { EndedActions, type EndedActionsProps } from "./ended-actions.tsx";
import { areFilesKept } from "./kept-files.ts";
import { nextStep } from "./next-step.ts";
import { useNow } from "./use-now.ts";

/** How a session ended, and what to do next. */
export function AfterEnd({
  view,
  ...actions
}: { readonly view: SessionView } & Omit<EndedActionsProps, "first" | "filesKept">) {
  const now = useNow();
  const filesKept = areFilesKept(view, now);
  const step = view.end === null ? null : nextStep(view.end, filesKept);
  return (
    <Ended
      view={view}
      step={step?.sentence ?? null}
      keptForMs={filesKept && view.filesKeptUntil !== null ? view.filesKeptUntil - now : null}
      actions={<EndedActions first={step?.action ?? "launch"} filesKept={filesKept} {...actions} />}
    />
  );
}
