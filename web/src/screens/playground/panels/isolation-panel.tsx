import { IsolationView } from "../../../features/session-inside/isolation-view.tsx";
import type { PanelProps } from "../panels.tsx";
import { Running } from "./running.tsx";

export function IsolationPanel({ visible }: PanelProps) {
  return (
    <Running>
      {({ id, limits }) => <IsolationView key={id} sessionId={id} limits={limits} visible={visible} />}
    </Running>
  );
}
