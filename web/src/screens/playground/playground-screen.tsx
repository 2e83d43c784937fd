import { useCallback, useEffect, useState } from "react";
import { useTranslations } from "use-intl";
import { BuildPanel } from "../../features/build-log/build-panel.tsx";
import type { BuildPhase } from "../../features/build-log/use-build.ts";
import { BuildOptionsButton } from "../../features/build-options/build-options-button.tsx";
import { Editor } from "../../features/editor/editor.tsx";
import { excerpt, type Reveal } from "../../features/editor/marks.ts";
import { FileList } from "../../features/files/file-list.tsx";
import { SaveStateLabel } from "../../features/files/save-state.tsx";
import { useDrafts } from "../../features/files/use-drafts.ts";
import { PreferenceSwitches } from "../../features/preferences/preference-switches.tsx";
import { showsTerminals } from "../../features/session/session-panel.tsx";
import { useSession } from "../../features/session/use-session.ts";
import { StatusLine } from "../../features/status/status-line.tsx";
import { loadTerminalCode } from "../../features/terminal/terminal-pane.tsx";
import type { PlaygroundView } from "../../rpc/client.ts";
import type { Chrome } from "../chrome.ts";
import { BuildButton } from "./build-button.tsx";
import { BuildDialogs, type OpenDialog } from "./build-dialogs.tsx";
import { NO_MARKS, useBuildMarks } from "./build-marks.ts";
import { Frame, type PaneName } from "./frame.tsx";
import { remedyFor } from "./remedies.tsx";
import { SessionPart } from "./session-part.tsx";
import { useBuilding } from "./use-building.ts";

const DOCKERFILE = "Dockerfile";

export interface PlaygroundScreenProps {
  readonly playground: PlaygroundView;
  readonly chrome: Chrome;
}

/** Joins the features of a playground: none of them knows the others. */
export function PlaygroundScreen({ playground, chrome }: PlaygroundScreenProps) {
  const t = useTranslations("playground");
  const { drafts, snapshot } = useDrafts(playground.id, playground.files);
  const session = useSession(playground.id, playground.session);
  const [open, setOpen] = useState<string | null>(() => firstFile(playground));
  const [pane, setPane] = useState<PaneName>(session.phase.kind === "live" ? "session" : "files");
  const showBuild = useCallback(() => setPane("build"), []);
  const save = useCallback(() => drafts.flush(), [drafts]);
  const building = useBuilding(playground, save, showBuild);
  const [reveal, setReveal] = useState<Reveal | null>(null);
  const [dialog, setDialog] = useState<OpenDialog>("none");
  const dockerfile = snapshot.files.find((candidate) => candidate.path === DOCKERFILE)?.content ?? "";
  const excerptOf = (range: Reveal["range"]) => excerpt(dockerfile, range);
  const { marks, edited } = useBuildMarks(building.build.phase, excerptOf);

  const show = (range: Reveal["range"]) => {
    setPane("files");
    setOpen(DOCKERFILE);
    setReveal((last) => ({ range, wish: (last?.wish ?? 0) + 1 }));
  };
  const image = imageOf(building.build.phase, playground);
  const launchable = image !== null;
  useEffect(() => {
    if (launchable) void loadTerminalCode().catch(() => null);
  }, [launchable]);
  const file = snapshot.files.find((candidate) => candidate.path === open);

  return (
    <Frame
      name={playground.name}
      saved={<SaveStateLabel save={snapshot.save} retry={() => void drafts.flush()} />}
      actions={
        <div className="flex items-center gap-1.5">
          <BuildOptionsButton remembered={building.remembered} onOpen={() => setDialog("build-options")} />
          <BuildButton busy={building.build.busy} onBuild={building.startAsBefore} />
        </div>
      }
      switches={<PreferenceSwitches {...chrome.switches} />}
      status={<StatusLine {...chrome.status} />}
      pane={pane}
      onPane={setPane}
      sessionLive={showsTerminals(session)}
      files={<FileList drafts={drafts} snapshot={snapshot} open={open} onOpen={setOpen} />}
      editor={
        file === undefined ? (
          <p className="p-6 text-ink-soft">{t("noFile")}</p>
        ) : (
          <Editor
            path={file.path}
            content={file.content}
            marks={file.path === DOCKERFILE ? marks : NO_MARKS}
            reveal={file.path === DOCKERFILE ? reveal : null}
            onChange={(path, content) => {
              drafts.edit(path, content);
              if (path === DOCKERFILE) edited();
            }}
            onBuild={building.startAsBefore}
          />
        )
      }
      build={
        <BuildPanel
          phase={building.build.phase}
          busy={building.build.busy}
          onBuildAgain={building.startWithoutCache}
          onCancel={() => void building.build.cancel()}
          onShow={show}
          excerpt={excerptOf}
          remedy={(error) => remedyFor(error, setDialog)}
        />
      }
      session={<SessionPart session={session} image={image} />}
      dialogs={
        <BuildDialogs
          open={dialog}
          onOpen={setDialog}
          remembered={building.remembered}
          dockerfile={dockerfile}
          onBuild={building.start}
        />
      }
    />
  );
}

const firstFile = ({ files }: PlaygroundView): string | null =>
  (files.find((file) => file.path === DOCKERFILE) ?? files[0])?.path ?? null;

/** The newest build that yielded an image: this page's own, or the one that was there when it opened. */
function imageOf(phase: BuildPhase, playground: PlaygroundView): { readonly buildId: string } | null {
  if (phase.kind === "shown" && phase.log.outcome.state === "succeeded") return { buildId: phase.buildId };
  const { build, session } = playground;
  if (build?.state === "succeeded") return { buildId: build.id };
  return session === null ? null : { buildId: session.buildId };
}
