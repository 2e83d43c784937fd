import { LoaderCircle, Pause } from "lucide-react";
import { lazy, type ReactNode, Suspense } from "react";
import { useTranslations } from "use-intl";
import type { SessionView } from "../../rpc/client.ts";
import { classNames } from "../../ui/class-names.ts";
import { loadChunk } from "../../ui/load-chunk.ts";
import type { FilesOrder } from "./container-files/files-order.ts";
import { chipOf, Ports } from "./ports.tsx";
import type { TerminalSlot } from "./terminal-tabs.tsx";
import { Terminals } from "./terminals.tsx";
import type { Session } from "./use-session.ts";

const Waiting = lazy(() =>
  loadChunk(() => import("./waiting.tsx")).then(({ Waiting: shown }) => ({ default: shown })),
);

const PreviewPane = lazy(() =>
  loadChunk(() => import("./preview/preview-pane.tsx")).then((module) => ({ default: module.PreviewPane })),
);

/** Neither a saved image nor a terminal into a build, which stay what they are. */
const isOfBuild = ({ savedImageId, step }: SessionView): boolean => savedImageId === null && step === null;

export interface LiveProps {
  readonly phase: Extract<Session["phase"], { kind: "live" }>;
  readonly session: Session;
  /** The newest successful build. */
  readonly image: { readonly buildId: string } | null;
  readonly renderTerminal: (sessionId: string, slot: TerminalSlot) => ReactNode;
  readonly onFiles: (order: FilesOrder) => void;
}

/** A session that is alive: its ports and its terminals, from the moment that it has a worker. */
export function Live({ phase, session, image, renderTerminal, onFiles }: LiveProps) {
  const t = useTranslations("session");
  const { view, connected } = phase;
  if (view.state === "queued") {
    return (
      <Suspense>
        <Waiting queue={view.queue} onCancel={() => void session.stop()} />
      </Suspense>
    );
  }
  const newer = image !== null && image.buildId !== view.buildId && isOfBuild(view);
  return (
    <>
      {!connected && <p className="bg-warn-soft px-4 py-2 text-small">{t("watchLost")}</p>}
      {view.paused && (
        <p role="status" className="flex items-center gap-2 bg-sea-soft px-4 py-1.5 text-small">
          <Pause size={14} strokeWidth={1.75} aria-hidden="true" />
          {t("paused")}
        </p>
      )}
      {newer && (
        <div className="flex flex-wrap items-center gap-x-3 gap-y-1 bg-sea-soft px-4 py-1.5 text-small">
          <p>{t("newerBuild")}</p>
          <button
            type="button"
            onClick={() => void session.launch({ start: view.start })}
            className="font-medium text-sea underline underline-offset-4"
          >
            {t("launchAgain")}
          </button>
        </div>
      )}
      <Ports
        ports={view.ports}
        previewUrl={session.previewUrl}
        shown={session.shownPort}
        onShow={session.showPort}
      />
      <Beside session={session} view={view}>
        <Terminals
          key={view.id}
          sessionId={view.id}
          terminals={view.terminals}
          renderTerminal={(slot) => renderTerminal(view.id, slot)}
          onFiles={view.state === "running" ? onFiles : null}
          onOpen={view.state === "running" && !view.paused ? () => session.openTerminal() : null}
          opened={session.opened}
        />
      </Beside>
    </>
  );
}

/** The terminals, and beside them (below them where there is little room) the port that is shown, if one is. */
function Beside(props: {
  readonly session: Session;
  readonly view: SessionView;
  readonly children: ReactNode;
}) {
  const { previewUrl, shownPort, showPort } = props.session;
  const told = props.view.ports.find(({ port }) => port === shownPort);
  const close = (port: number) => {
    showPort(null);
    document.getElementById(chipOf(port))?.focus();
  };
  return (
    <div className="@container flex min-h-0 flex-1 flex-col">
      <div className="flex min-h-0 flex-1 flex-col wide:@min-[36rem]:flex-row">
        <div
          className={classNames(
            "flex min-h-0 min-w-0 flex-1 flex-col",
            shownPort !== null && "max-wide:hidden",
          )}
        >
          {props.children}
        </div>
        {shownPort !== null && (
          <Suspense>
            <PreviewPane
              key={shownPort}
              port={shownPort}
              listens={told?.listening === true && !told.loopbackOnly}
              previewUrl={previewUrl}
              onClose={() => close(shownPort)}
            />
          </Suspense>
        )}
      </div>
    </div>
  );
}

export function Starting({ text }: { readonly text: string }) {
  return (
    <p role="status" className="flex flex-1 items-center gap-3 px-4 py-6 text-ink-soft">
      <LoaderCircle size={18} className="text-sea motion-safe:animate-spin" aria-hidden="true" />
      {text}
    </p>
  );
}
