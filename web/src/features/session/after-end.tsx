import type { SessionView } from "../../rpc/client.ts";
import { Ended } from "./ended.tsx";
import { EndedActions, type EndedActionsProps } from "./ended-actions.tsx";
import { nextStep } from "./next-step.ts";

/** How a session ended, and what to do next. */
export function AfterEnd({
  view,
  ...actions
}: { readonly view: SessionView } & Omit<EndedActionsProps, "first">) {
  const first = view.end === null ? "launch" : nextStep(view.end).action;
  return <Ended view={view} actions={<EndedActions first={first} {...actions} />} />;
}
