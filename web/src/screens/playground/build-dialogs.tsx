import { lazy, Suspense } from "react";
import type { Remembered } from "../../features/build-options/wish.ts";
import type { BuildWish } from "../../rpc/client.ts";
import { loadChunk } from "../../ui/load-chunk.ts";

/** Their code is loaded when one is opened. */
const BuildOptionsDialog = lazy(() =>
  loadChunk(() => import("../../features/build-options/build-options-dialog.tsx")).then((module) => ({
    default: module.BuildOptionsDialog,
  })),
);
const RegistryDialog = lazy(() =>
  loadChunk(() => import("../../features/registry-logins/registry-dialog.tsx")).then((module) => ({
    default: module.RegistryDialog,
  })),
);

/** The dialog in front of the page; one at a time. */
export type OpenDialog = "none" | "build-options" | "registries";

export interface BuildDialogsProps {
  readonly open: OpenDialog;
  readonly onOpen: (dialog: OpenDialog) => void;
  readonly remembered: Remembered;
  readonly dockerfile: string;
  readonly onBuild: (wish: BuildWish) => void;
}

export function BuildDialogs({ open, onOpen, remembered, dockerfile, onBuild }: BuildDialogsProps) {
  const close = () => onOpen("none");
  return (
    <Suspense>
      {open === "build-options" && (
        <BuildOptionsDialog
          remembered={remembered}
          dockerfile={dockerfile}
          onClose={close}
          onRegistries={() => onOpen("registries")}
          onBuild={(wish) => {
            close();
            onBuild(wish);
          }}
        />
      )}
      {open === "registries" && <RegistryDialog onClose={close} />}
    </Suspense>
  );
}
