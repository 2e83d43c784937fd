import { lazy, Suspense } from "react";
import type { ImageName } from "../../rpc/client.ts";
import { loadChunk } from "../../ui/load-chunk.ts";

/** Its code is loaded when it is opened. */
const LayersDialog = lazy(() =>
  loadChunk(() => import("../../features/layers/layers-dialog.tsx")).then((module) => ({
    default: module.LayersDialog,
  })),
);

export interface LayersPartProps {
  readonly playgroundId: string;
  /** The image that is looked into, or null. */
  readonly image: ImageName | null;
  readonly onClose: () => void;
}

/** The look into an image's layers, in front of the page. */
export function LayersPart({ playgroundId, image, onClose }: LayersPartProps) {
  if (image === null) return null;
  return (
    <Suspense>
      <LayersDialog playgroundId={playgroundId} image={image} onClose={onClose} />
    </Suspense>
  );
}
