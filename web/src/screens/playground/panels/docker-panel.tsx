import { useState } from "react";
import { HostView } from "../../../features/session-inside/host-view.tsx";
import { wireErrorOf } from "../../../rpc/failure.ts";
import { useErrorSentence } from "../../../ui/error-sentence.ts";
import { useBench } from "../bench.ts";
import type { PanelProps } from "../panels.tsx";
import { Running } from "./running.tsx";

/** What docker has made in the session. A terminal that is opened here comes to the front beside the others. */
export function DockerPanel({ visible }: PanelProps) {
  const { session, layout, openLayers } = useBench();
  const sentence = useErrorSentence();
  const [failure, setFailure] = useState("");
  const open = async (container: string) => {
    setFailure("");
    try {
      await session.openTerminal(container);
      layout.show("session", "session");
    } catch (thrown) {
      setFailure(sentence(wireErrorOf(thrown)));
    }
  };
  return (
    <>
      <p role="alert" className="px-4 pt-2 text-bad text-small empty:hidden">
        {failure}
      </p>
      <Running>
        {({ id, paused }) => (
          <HostView
            key={id}
            sessionId={id}
            visible={visible}
            onTerminal={paused ? null : (container) => void open(container)}
            onLayers={(imageId, label) => openLayers({ kind: "docker", sessionId: id, imageId }, null, label)}
          />
        )}
      </Running>
    </>
  );
}
