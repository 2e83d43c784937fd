import { lazy, Suspense } from "react";
import type { ImageName } from "../../rpc/client.ts";
import { loadChunk } from "../../ui/load-chunk.ts";

/** Its code is loaded when it is opened. */
const LayersDialog = lazy(() =>
  loadChunk(() => import("../../features/layers/layers-dialog.tsx")).then((module) => ({
    default: module.LayersDialog,
  })),
);

/** The image that is looked into, and an earlier one that it is compared with at once. */
export interface Layered {
  readonly image: ImageName;
  readonly earlier: ImageName | null;
  /** Its name, where it is none of the playground's own list. */
  readonly label: string | null;
}

export interface LayersPartProps {
  readonly playgroundId: string;
  readonly layered: Layered | null;
  readonly onClose: () => void;
}

/** The look into an image's layers, in front of the page. */
export function LayersPart({ playgroundId, layered, onClose }: LayersPartProps) {
  if (layered === null) return null;
  return (
    <Suspense>
      <LayersDialog playgroundId={playgroundId} {...layered} onClose={onClose} />
    </Suspense>
  );
}
