import { ProcessesView } from "../../../features/session-inside/processes-view.tsx";
import type { PanelProps } from "../panels.tsx";
import { Running } from "./running.tsx";

export function ProcessesPanel({ visible }: PanelProps) {
  return <Running>{({ id }) => <ProcessesView key={id} sessionId={id} visible={visible} />}</Running>;
}
