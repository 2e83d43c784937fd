import { type CSSProperties, type ReactNode, useState } from "react";
import { useTranslations } from "use-intl";
import { classNames } from "../../ui/class-names.ts";
import { PageHeader } from "../../ui/page-header.tsx";
import { Splitter } from "../../ui/splitter.tsx";

/** The parts that a narrow screen shows one at a time. */
export type PaneName = "files" | "build" | "session";

const PANES: readonly PaneName[] = ["files", "build", "session"];

export interface FrameProps {
  readonly name: string;
  readonly saved: ReactNode;
  readonly actions: ReactNode;
  readonly switches: ReactNode;
  readonly status: ReactNode;
  readonly files: ReactNode;
  readonly editor: ReactNode;
  readonly build: ReactNode;
  readonly session: ReactNode;
  /** What stands in front of all, where something does. */
  readonly dialogs: ReactNode;
  readonly sessionLive: boolean;
  readonly pane: PaneName;
  readonly onPane: (pane: PaneName) => void;
}

/** Share of build and session on a wide screen, percent; a terminal has about 80 columns then. */
const FIRST_SHARE = 48;

/** Where things are: side by side on a wide screen, one behind the other on a narrow one. */
export function Frame(props: FrameProps) {
  const t = useTranslations();
  const [share, setShare] = useState(FIRST_SHARE);
  const hidden = (pane: PaneName) => props.pane !== pane && "max-wide:hidden";
  const titles: Record<PaneName, string> = {
    files: t("playground.files"),
    build: t("build.title"),
    session: t("session.title"),
  };
  return (
    <div className="flex h-dvh flex-col">
      <PageHeader name={t("app.name")} homeLabel={t("app.home")} action={props.actions} end={props.switches}>
        <span aria-hidden="true" className="text-line-strong max-medium:hidden">
          /
        </span>
        <h1 className="min-w-0 truncate text-ink-soft">{props.name}</h1>
        {props.saved}
      </PageHeader>
      <main
        style={{ "--side": `${share}%` } as CSSProperties}
        className="flex min-h-0 flex-1 flex-col border-line border-t wide:grid wide:grid-cols-[11rem_minmax(0,1fr)_0_minmax(0,var(--side))]"
      >
        <div
          className={classNames(
            "border-line max-wide:max-h-[13rem] max-wide:shrink-0 max-wide:overflow-y-auto max-wide:border-b wide:min-h-0 wide:border-r",
            hidden("files"),
          )}
        >
          {props.files}
        </div>
        <section
          aria-label={t("playground.editor")}
          className={classNames("flex min-h-0 min-w-0 flex-col bg-surface max-wide:flex-1", hidden("files"))}
        >
          {props.editor}
        </section>
        <Splitter label={t("playground.divide")} share={share} onShare={setShare} />
        <div
          className={classNames(
            "grid min-h-0 min-w-0 max-wide:flex-1",
            props.sessionLive
              ? "wide:grid-rows-[minmax(0,2fr)_minmax(0,3fr)]"
              : "wide:grid-rows-[minmax(0,1fr)_auto]",
            props.pane === "files" && "max-wide:hidden",
          )}
        >
          <div className={classNames("flex min-h-0 min-w-0 flex-col", hidden("build"))}>{props.build}</div>
          <div
            className={classNames(
              "flex min-h-0 min-w-0 flex-col border-line bg-surface wide:border-t",
              hidden("session"),
            )}
          >
            {props.session}
          </div>
        </div>
      </main>
      <nav aria-label={t("playground.panes")} className="grid grid-cols-3 border-line border-t wide:hidden">
        {PANES.map((pane) => (
          <button
            key={pane}
            type="button"
            aria-current={pane === props.pane ? "true" : undefined}
            onClick={() => props.onPane(pane)}
            className="h-12 border-transparent border-t-2 text-ink-faint text-small aria-[current]:border-sea aria-[current]:font-semibold aria-[current]:text-ink"
          >
            {titles[pane]}
          </button>
        ))}
      </nav>
      <footer className="flex h-8 shrink-0 items-center border-line border-t px-4 text-ink-faint text-small max-wide:hidden">
        {props.status}
      </footer>
      {props.dialogs}
    </div>
  );
}
