import { LoaderCircle, Ship } from "lucide-react";
import { type ReactNode, useState } from "react";
import { useTranslations } from "use-intl";
import type { SessionView } from "../../rpc/client.ts";
import { Button } from "../../ui/button.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import { useErrorSentence } from "../../ui/error-sentence.ts";
import { binaryBytes } from "../../ui/format.ts";
import { PanelHeader } from "../../ui/panel-header.tsx";
import { Countdown } from "./countdown.tsx";
import { Ended } from "./ended.tsx";
import { Ports } from "./ports.tsx";
import { type TerminalSlot, TerminalTabs } from "./terminal-tabs.tsx";
import type { Session } from "./use-session.ts";

/** What an ended session printed can be read on its worker for a quarter of an hour; less here, to be on the safe side. */
const READABLE_MS = 14 * 60_000;

/** Whether the panel shows terminals, and so wants room. */
export const showsTerminals = ({ phase }: Session): boolean =>
  phase.kind === "live" || (phase.kind === "ended" && stillReadable(phase.view));

const stillReadable = ({ terminals, endedAt }: SessionView): boolean =>
  terminals.length > 0 && endedAt !== null && Date.now() - endedAt < READABLE_MS;

export interface SessionPanelProps {
  readonly session: Session;
  /** The newest successful build, or null while there is none. */
  readonly image: { readonly buildId: string } | null;
  readonly renderTerminal: (sessionId: string, slot: TerminalSlot) => ReactNode;
}

/** The session: launch it, be in it, stop it, and learn how it ended. */
export function SessionPanel(props: SessionPanelProps) {
  const t = useTranslations("session");
  const { phase } = props.session;
  return (
    <section aria-label={t("title")} className="flex min-h-0 flex-1 flex-col">
      <PanelHeader title={t("title")} note={phase.kind === "live" ? <LiveNote view={phase.view} /> : null}>
        {phase.kind === "live" && <LiveControls view={phase.view} session={props.session} />}
      </PanelHeader>
      <div className="flex min-h-0 flex-1 flex-col overflow-y-auto">
        <SessionBody {...props} />
      </div>
    </section>
  );
}

function SessionBody({ session, image, renderTerminal }: SessionPanelProps) {
  const t = useTranslations("session");
  const sentence = useErrorSentence();
  const { phase } = session;
  const ship = <Ship size={22} strokeWidth={1.5} aria-hidden="true" />;
  switch (phase.kind) {
    case "none":
    case "refused":
      return (
        <EmptyState
          icon={ship}
          title={image === null ? t("needsBuild") : t("ready")}
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
    case "launching":
      return <Starting text={t("starting")} />;
    case "ended":
      return (
        <>
          <div role="status" className={stillReadable(phase.view) ? undefined : "flex-1"}>
            <Ended
              view={phase.view}
              actions={<LaunchButtons session={session} enabled={image !== null} label={t("launchAgain")} />}
            />
          </div>
          {stillReadable(phase.view) && (
            <TerminalTabs
              key={phase.view.id}
              terminals={phase.view.terminals}
              renderTerminal={(slot) => renderTerminal(phase.view.id, slot)}
            />
          )}
        </>
      );
    case "live":
      return <Live phase={phase} session={session} image={image} renderTerminal={renderTerminal} />;
  }
}

function Live(props: SessionPanelProps & { readonly phase: Extract<Session["phase"], { kind: "live" }> }) {
  const t = useTranslations("session");
  const { view, connected } = props.phase;
  if (view.state === "queued") return <Starting text={t("queued")} />;
  if (view.terminals.length === 0) return <Starting text={t("starting")} />;
  const newer = props.image !== null && props.image.buildId !== view.buildId;
  return (
    <>
      {!connected && <p className="bg-warn-soft px-4 py-2 text-small">{t("watchLost")}</p>}
      {newer && (
        <div className="flex flex-wrap items-center gap-x-3 gap-y-1 bg-sea-soft px-4 py-1.5 text-small">
          <p>{t("newerBuild")}</p>
          <button
            type="button"
            onClick={() => void props.session.launch(view.start)}
            className="font-medium text-sea underline underline-offset-4"
          >
            {t("launchAgain")}
          </button>
        </div>
      )}
      <Ports ports={view.ports} previewUrl={props.session.previewUrl} />
      <TerminalTabs
        key={view.id}
        terminals={view.terminals}
        renderTerminal={(slot) => props.renderTerminal(view.id, slot)}
      />
    </>
  );
}

function LaunchButtons(props: {
  readonly session: Session;
  readonly enabled: boolean;
  readonly label: string;
}) {
  const t = useTranslations("session");
  return (
    <div className="flex flex-wrap items-center gap-2">
      <Button look="launch" disabled={!props.enabled} onClick={() => void props.session.launch("command")}>
        {props.label}
      </Button>
      <Button look="bare" disabled={!props.enabled} onClick={() => void props.session.launch("shell")}>
        {t("launchShell")}
      </Button>
    </div>
  );
}

function LiveControls({ view, session }: { readonly view: SessionView; readonly session: Session }) {
  const t = useTranslations("session");
  const [asked, setAsked] = useState<string | null>(null);
  const stopping = view.state === "stopping" || asked === view.id;
  return (
    <>
      {view.state === "running" && (
        <Countdown expiresAt={view.expiresAt} onExtend={() => void session.extend()} />
      )}
      <Button
        size="small"
        disabled={stopping}
        onClick={() => {
          setAsked(view.id);
          void session.stop().finally(() => setAsked(null));
        }}
      >
        {stopping ? t("stopping") : t("stop")}
      </Button>
    </>
  );
}

function LiveNote({ view }: { readonly view: SessionView }) {
  const t = useTranslations("session");
  const { runtime, limits } = view;
  const limitText = t("limits", { memory: binaryBytes(limits.memoryBytes), cpus: String(limits.cpus) });
  if (runtime === null) return null;
  const name = runtime.hardened
    ? t("runtimeHardened", { name: runtime.name })
    : t("runtime", { name: runtime.name });
  return <span title={limitText}>{name}</span>;
}

function Starting({ text }: { readonly text: string }) {
  return (
    <div role="status" className="flex flex-1 items-center gap-3 px-4 py-6 text-ink-soft">
      <LoaderCircle size={18} className="text-sea motion-safe:animate-spin" aria-hidden="true" />
      {text}
    </div>
  );
}
