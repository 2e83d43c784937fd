import { Ship } from "lucide-react";
import { lazy, type ReactNode, Suspense, useState } from "react";
import { useTranslations } from "use-intl";
import type { SessionView } from "../../rpc/client.ts";
import { Button } from "../../ui/button.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import { useErrorSentence } from "../../ui/error-sentence.ts";
import { loadChunk } from "../../ui/load-chunk.ts";
import { PanelHeader } from "../../ui/panel-header.tsx";
import type { FilesOrder } from "./container-files/files-order.ts";
import { Live, Starting } from "./live.tsx";
import { LiveControls, LiveNote } from "./live-header.tsx";
import { type OpenSessionDialog, SessionDialogs } from "./session-dialogs.tsx";
import type { TerminalSlot } from "./terminal-tabs.tsx";
import { Terminals } from "./terminals.tsx";
import type { Session } from "./use-session.ts";

const LimitEvents = lazy(() =>
  loadChunk(() => import("./limit-events.tsx")).then(({ LimitEvents: shown }) => ({ default: shown })),
);

const AfterEnd = lazy(() =>
  loadChunk(() => import("./after-end.tsx")).then(({ AfterEnd: shown }) => ({ default: shown })),
);

/** What an ended session printed can be read on its worker for a quarter of an hour; less here, to be on the safe side. */
const READABLE_MS = 14 * 60_000;

/** Whether the panel shows terminals, and so wants room. */
export const showsTerminals = ({ phase }: Session): boolean =>
  phase.kind === "live" || (phase.kind === "ended" && stillReadable(phase.view));

const stillReadable = ({ terminals, endedAt }: SessionView): boolean =>
  terminals.length > 0 && endedAt !== null && Date.now() - endedAt < READABLE_MS;

/** An image of a build. */
export interface LaunchableImage {
  readonly buildId: string;
  /** The newest build has none: it failed, or was cancelled. */
  readonly isEarlier: boolean;
}

export interface SessionPanelProps {
  readonly session: Session;
  /** The newest successful build, or null while there is none. */
  readonly image: LaunchableImage | null;
  readonly renderTerminal: (sessionId: string, slot: TerminalSlot) => ReactNode;
  /** Opens the layers of a saved image. */
  readonly onLayers: (savedImageId: string) => void;
  /** Builds the playground anew. */
  readonly onBuild: () => void;
}

/** The session: launch it, be in it, stop it, and learn how it ended. */
export function SessionPanel(props: SessionPanelProps) {
  const t = useTranslations("session");
  const { session } = props;
  const { phase } = session;
  const [dialog, setDialog] = useState<OpenSessionDialog>("none");
  const view = "view" in phase ? phase.view : null;
  return (
    <section aria-label={t("title")} className="flex min-h-0 flex-1 flex-col">
      <PanelHeader title={t("title")} note={phase.kind === "live" ? <LiveNote view={phase.view} /> : null}>
        {phase.kind === "live" && <LiveControls view={phase.view} session={session} onDialog={setDialog} />}
      </PanelHeader>
      {view !== null && view.limitEvents.length > 0 && (
        <Suspense>
          <LimitEvents key={view.id} events={view.limitEvents} />
        </Suspense>
      )}
      <div className="flex min-h-0 flex-1 flex-col overflow-y-auto">
        <SessionBody {...props} onKeep={() => setDialog("keep")} onFiles={setDialog} />
      </div>
      {view !== null && (
        <SessionDialogs
          open={dialog}
          view={view}
          onClose={() => setDialog("none")}
          onLaunch={(savedImageId) => void session.launch({ start: "command", savedImageId })}
          onLayers={props.onLayers}
        />
      )}
    </section>
  );
}

function SessionBody({
  session,
  image,
  renderTerminal,
  onKeep,
  onFiles,
  onBuild,
}: Omit<SessionPanelProps, "onLayers"> & {
  readonly onKeep: () => void;
  readonly onFiles: (order: FilesOrder) => void;
}) {
  const t = useTranslations("session");
  const { phase } = session;
  switch (phase.kind) {
    case "none":
    case "refused":
      return <Ready session={session} image={image} />;
    case "launching":
      return <Starting text={t("starting")} />;
    case "ended":
      return (
        <>
          <div role="status" className={stillReadable(phase.view) ? undefined : "flex-1"}>
            <Suspense>
              <AfterEnd
                view={phase.view}
                hasImage={image !== null}
                onLaunch={(start) => void session.launch({ start })}
                onBuild={onBuild}
                onKeep={onKeep}
              />
            </Suspense>
          </div>
          {stillReadable(phase.view) && (
            // High enough for its last words; what does not fit is scrolled to.
            <div className="flex min-h-80 flex-1 flex-col">
              <Terminals
                key={phase.view.id}
                sessionId={phase.view.id}
                terminals={phase.view.terminals}
                renderTerminal={(slot) => renderTerminal(phase.view.id, slot)}
                onOpen={null}
                onFiles={null}
              />
            </div>
          )}
        </>
      );
    case "live":
      return (
        <Live
          phase={phase}
          session={session}
          image={image}
          renderTerminal={renderTerminal}
          onFiles={onFiles}
        />
      );
  }
}

function Ready({ session, image }: Pick<SessionPanelProps, "session" | "image">) {
  const t = useTranslations("session");
  const sentence = useErrorSentence();
  const { phase } = session;
  return (
    <EmptyState
      icon={<Ship size={22} strokeWidth={1.5} aria-hidden="true" />}
      title={image === null ? t("needsBuild") : image.isEarlier ? t("earlierReady") : t("ready")}
      action={<LaunchButtons session={session} enabled={image !== null} label={t("launch")} />}
    >
      {image === null ? t("needsBuildText") : t("readyText")}
      {phase.kind === "refused" && (
        <span role="alert" className="mt-2 block text-bad">
          {sentence(phase.error)}
        </span>
      )}
    </EmptyState>
  );
}

function LaunchButtons(props: {
  readonly session: Session;
  readonly enabled: boolean;
  readonly label: string;
}) {
  const t = useTranslations("session");
  const launch = (start: SessionView["start"]) => void props.session.launch({ start });
  return (
    <div className="flex flex-wrap items-center gap-2">
      <Button look="launch" disabled={!props.enabled} onClick={() => launch("command")}>
        {props.label}
      </Button>
      <Button look="bare" disabled={!props.enabled} onClick={() => launch("shell")}>
        {t("launchShell")}
      </Button>
    </div>
  );
}
