import { createContext, useContext } from "react";
import type { Mark, Reveal } from "../../features/editor/marks.ts";
import type { DraftsSnapshot } from "../../features/files/draft.ts";
import type { Drafts } from "../../features/files/drafts.ts";
import type { LaunchableImage } from "../../features/session/session-panel.tsx";
import type { Session } from "../../features/session/use-session.ts";
import type { ImageName, PlaygroundView } from "../../rpc/client.ts";
import type { OpenDialog } from "./build-dialogs.tsx";
import type { LayoutControl } from "./layout/use-layout.ts";
import type { Building } from "./use-building.ts";

/** What the panels of a playground work on. Each takes what it needs of this and gives it to its feature. */
export interface Bench {
  readonly playground: PlaygroundView;
  readonly drafts: Drafts;
  readonly snapshot: DraftsSnapshot;
  /** Path of the open file, or null. */
  readonly open: string | null;
  openFile(path: string | null): void;
  /** Shows a range of the Dockerfile in the editor. */
  show(range: Reveal["range"]): void;
  readonly reveal: Reveal | null;
  /** The Dockerfile's text in a range. */
  excerpt(range: Reveal["range"]): string;
  readonly marks: readonly Mark[];
  /** The Dockerfile was edited: what a build said of its lines is out of date. */
  edited(): void;
  readonly building: Building;
  readonly session: Session;
  /** The newest successful build, or null while there is none. */
  readonly image: LaunchableImage | null;
  openDialog(dialog: OpenDialog): void;
  /** Opens a look into the layers of an image, at what differs from an earlier one where that is named. `label`: of one that is in no list. */
  openLayers(image: ImageName, earlier?: ImageName | null, label?: string | null): void;
  readonly layout: LayoutControl;
}

const Context = createContext<Bench | null>(null);

export const BenchProvider = Context.Provider;

/** The bench of the playground that is on the page. */
export function useBench(): Bench {
  const bench = useContext(Context);
  if (bench === null) throw new Error("A panel stands on the bench of a playground.");
  return bench;
}
