import { useState } from "react";
import { useTranslations } from "use-intl";
import type { BuildSummary } from "../../../rpc/client.ts";
import { Button } from "../../../ui/button.tsx";
import { Dialog } from "../../../ui/dialog.tsx";
import { useErrorSentence } from "../../../ui/error-sentence.ts";
import { BuildRow } from "./build-row.tsx";
import { CompareView } from "./compare-view.tsx";
import { useBuilds } from "./use-builds.ts";

export interface HistoryDialogProps {
  readonly playgroundId: string;
  readonly shownId: string | null;
  readonly onClose: () => void;
  readonly onShow: (build: BuildSummary) => void;
  readonly onCompareImages: (earlierId: string, laterId: string) => void;
}

/** The builds of a playground: open one, or compare two. */
export function HistoryDialog(props: HistoryDialogProps) {
  const { playgroundId, shownId, onClose, onShow, onCompareImages } = props;
  const t = useTranslations("buildView");
  const list = useBuilds(playgroundId);
  const [picked, setPicked] = useState<readonly BuildSummary[]>([]);
  const [compares, setCompares] = useState(false);
  const [one, two] = [...picked].sort((left, right) => left.createdAt - right.createdAt);
  if (compares && one && two) {
    return (
      <Dialog
        title={t("compareTitle")}
        text={t("compareText")}
        closeLabel={t("close")}
        onClose={onClose}
        wide
      >
        <CompareView
          earlier={one}
          later={two}
          onBack={() => setCompares(false)}
          onCompareImages={onCompareImages}
        />
      </Dialog>
    );
  }
  const pick = (build: BuildSummary) =>
    setPicked((before) =>
      before.some(({ id }) => id === build.id)
        ? before.filter(({ id }) => id !== build.id)
        : [...before.slice(-1), build],
    );
  return (
    <Dialog title={t("history")} text={t("historyText")} closeLabel={t("close")} onClose={onClose}>
      <div className="min-h-40 flex-1 overflow-y-auto">
        <BuildList {...list} shownId={shownId} picked={picked} onPick={pick} onShow={onShow} />
      </div>
      <div className="flex items-center justify-end gap-3 border-line border-t px-5 py-3">
        <p className="text-ink-soft text-small">{picked.length < 2 && t("historyCompareHint")}</p>
        <Button look="primary" disabled={picked.length < 2} onClick={() => setCompares(true)}>
          {t("historyCompare")}
        </Button>
      </div>
    </Dialog>
  );
}

interface BuildListProps extends ReturnType<typeof useBuilds> {
  readonly shownId: string | null;
  readonly picked: readonly BuildSummary[];
  readonly onPick: (build: BuildSummary) => void;
  readonly onShow: (build: BuildSummary) => void;
}

function BuildList({ builds, error, more, shownId, picked, onPick, onShow }: BuildListProps) {
  const t = useTranslations("buildView");
  const sentence = useErrorSentence();
  if (error !== null)
    return (
      <p role="alert" className="px-5 py-4 text-bad">
        {sentence(error)}
      </p>
    );
  if (builds === null)
    return (
      <p role="status" className="tide px-5 py-4 text-ink-soft">
        {t("historyLoading")}
      </p>
    );
  if (builds.length === 0) return <p className="px-5 py-4 text-ink-soft">{t("historyNone")}</p>;
  return (
    <>
      <ol aria-label={t("history")}>
        {builds.map((build) => (
          <BuildRow
            key={build.id}
            build={build}
            isShown={build.id === shownId}
            isPicked={picked.some(({ id }) => id === build.id)}
            onPick={() => onPick(build)}
            onShow={() => onShow(build)}
          />
        ))}
      </ol>
      {more !== null && (
        <div className="px-5 py-3">
          <Button size="small" onClick={more}>
            {t("historyMore")}
          </Button>
        </div>
      )}
    </>
  );
}
