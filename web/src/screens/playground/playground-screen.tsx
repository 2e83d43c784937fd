import { useCallback, useEffect, useState } from "react";
import { useTranslations } from "use-intl";
import { BuildOptionsButton } from "../../features/build-options/build-options-button.tsx";
import { excerpt, type Reveal } from "../../features/editor/marks.ts";
import { useDrafts } from "../../features/files/use-drafts.ts";
import { showsTerminals } from "../../features/session/session-panel.tsx";
import { useSession } from "../../features/session/use-session.ts";
import { StatusLine } from "../../features/status/status-line.tsx";
import type { PlaygroundView } from "../../rpc/client.ts";
import { PageHeader } from "../../ui/page-header.tsx";
import type { Chrome } from "../chrome.ts";
import { PageTools } from "../page-tools.tsx";
import { BenchProvider } from "./bench.ts";
import { BuildButton } from "./build-button.tsx";
import { BuildDialogs, type OpenDialog } from "./build-dialogs.tsx";
import { useBuildMarks } from "./build-marks.ts";
import { DOCKERFILE } from "./dockerfile.ts";
import { type Layered, LayersPart } from "./layers-part.tsx";
import { Frame } from "./layout/frame.tsx";
import { useLayout } from "./layout/use-layout.ts";
import { PalettePart } from "./palette-part.tsx";
import { SaveStatus } from "./save-status.tsx";
import { loadSessionCode } from "./session-code.ts";
import { useBuilding } from "./use-building.ts";
import { useImage } from "./use-image.ts";

export interface PlaygroundScreenProps {
  readonly playground: PlaygroundView;
  readonly chrome: Chrome;
}

/** Joins the features of a playground: none of them knows the others. */
export function PlaygroundScreen({ playground, chrome }: PlaygroundScreenProps) {
  const t = useTranslations("app");
  const { drafts, snapshot } = useDrafts(playground);
  const session = useSession(playground.id, playground.session);
  const layout = useLayout(session.phase.kind === "live" ? "session" : "middle");
  const [open, setOpen] = useState<string | null>(() => firstFile(playground));
  const { show: showPanel } = layout;
  const showBuild = useCallback(() => showPanel("build", "steps"), [showPanel]);
  const save = useCallback(() => drafts.flush(), [drafts]);
  const building = useBuilding(playground, save, showBuild);
  const [reveal, setReveal] = useState<Reveal | null>(null);
  const [dialog, setDialog] = useState<OpenDialog>("none");
  const [layersOf, setLayersOf] = useState<Layered | null>(null);
  const dockerfile = snapshot.files.find((candidate) => candidate.path === DOCKERFILE)?.content ?? "";
  const excerptOf = (range: Reveal["range"]) => excerpt(dockerfile, range);
  const { marks, edited } = useBuildMarks(building.build.phase, excerptOf);

  const openFile = (path: string | null) => {
    setOpen(path);
    showPanel("middle", "editor");
  };
  const show = (range: Reveal["range"]) => {
    openFile(DOCKERFILE);
    setReveal((last) => ({ range, wish: (last?.wish ?? 0) + 1 }));
  };
  const image = useImage(building.build.phase, playground);
  const launchable = image !== null;
  useEffect(() => {
    if (launchable) loadSessionCode();
  }, [launchable]);

  return (
    <BenchProvider
      value={{
        playground,
        drafts,
        snapshot,
        open,
        openFile,
        show,
        reveal,
        excerpt: excerptOf,
        marks,
        edited,
        building,
        session,
        image,
        openDialog: setDialog,
        openLayers: (image, earlier = null, label = null) => setLayersOf({ image, earlier, label }),
        layout,
      }}
    >
      <Frame
        header={
          <PageHeader
            name={t("name")}
            homeLabel={t("home")}
            action={
              <div className="flex items-center gap-1.5">
                <BuildOptionsButton
                  remembered={building.remembered}
                  onOpen={() => setDialog("build-options")}
                />
                <BuildButton busy={building.build.busy} onBuild={building.startAsBefore} />
              </div>
            }
            end={
              <>
                <PalettePart />
                <PageTools chrome={chrome} />
              </>
            }
          >
            <span aria-hidden="true" className="text-line-strong max-medium:hidden">
              /
            </span>
            <h1 className="min-w-0 truncate text-ink-soft max-medium:sr-only">{playground.name}</h1>
            <SaveStatus />
          </PageHeader>
        }
        status={<StatusLine {...chrome.status} />}
        control={layout}
        sessionLive={showsTerminals(session)}
        dialogs={
          <>
            <BuildDialogs
              open={dialog}
              onOpen={setDialog}
              remembered={building.remembered}
              dockerfile={dockerfile}
              onBuild={building.start}
            />
            <LayersPart playgroundId={playground.id} layered={layersOf} onClose={() => setLayersOf(null)} />
          </>
        }
      />
    </BenchProvider>
  );
}

const firstFile = ({ files }: PlaygroundView): string | null =>
  (files.find((file) => file.path === DOCKERFILE) ?? files.find((file) => file.digest !== null))?.path ??
  null;
