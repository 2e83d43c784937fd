import type { ErrorCode, WireError } from "@slipway/protocol";
import type { ReactNode } from "react";
import { useTranslations } from "use-intl";
import { Button } from "../../ui/button.tsx";
import type { OpenDialog } from "./build-dialogs.tsx";

/** Failures that a person mends in one of the dialogs. */
const REMEDIES: Partial<Record<ErrorCode, Exclude<OpenDialog, "none">>> = {
  "secret-missing": "build-options",
  "stage-missing": "build-options",
  "registry-unauthorized": "registries",
};

/** A button to the dialog in which the failure can be mended; null where there is none. */
export function remedyFor({ code }: WireError, open: (dialog: OpenDialog) => void): ReactNode {
  const dialog = REMEDIES[code];
  return dialog === undefined ? null : <Remedy dialog={dialog} onOpen={() => open(dialog)} />;
}

function Remedy({
  dialog,
  onOpen,
}: {
  readonly dialog: Exclude<OpenDialog, "none">;
  readonly onOpen: () => void;
}) {
  const t = useTranslations("build");
  return (
    <Button size="small" onClick={onOpen}>
      {t(dialog === "build-options" ? "openOptions" : "openRegistries")}
    </Button>
  );
}
