import { UsageView } from "../../../features/session-inside/usage-view.tsx";
import type { PanelProps } from "../panels.tsx";
import { Running } from "./running.tsx";

export function UsagePanel({ visible }: PanelProps) {
  return (
    <Running>
      {({ id, limits }) => <UsageView key={id} sessionId={id} limits={limits} visible={visible} />}
    </Running>
  );
}
