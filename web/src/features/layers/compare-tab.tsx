import type { ImageComparison, ImageDifference } from "@slipway/protocol";
import { type ReactNode, useState } from "react";
import { useTranslations } from "use-intl";
import { type ImageName, type ListedImage, rpc } from "../../rpc/client.ts";
import { wireErrorOf } from "../../rpc/failure.ts";
import { Button } from "../../ui/button.tsx";
import { useErrorSentence } from "../../ui/error-sentence.ts";
import { bytes } from "../../ui/format.ts";
import { ShownName } from "../../ui/shown-name.tsx";
import { Failed, Loading } from "./answer-state.tsx";
import { ChangeBadge } from "./change-badge.tsx";
import { ImagePicker, type UnlistedImage } from "./image-picker.tsx";
import { useAnswer } from "./use-answer.ts";

const PAGE = 200;
/** Differences that are on the page at most; a person who wants more has a command line. */
const MOST_SHOWN = 2000;

export interface CompareTabProps {
  readonly playgroundId: string;
  readonly image: ImageName;
  readonly images: readonly ListedImage[];
  readonly unlisted: UnlistedImage | null;
  /** Compared with at first; null for the newest of the others. */
  readonly earlier: ImageName | null;
}

/** What differs in the files, from another image to the one that is open. */
export function CompareTab({ playgroundId, image, images, unlisted, earlier }: CompareTabProps) {
  const t = useTranslations("layers");
  const own = JSON.stringify(image);
  const others = images.filter(({ name }) => JSON.stringify(name) !== own);
  const [chosen, setChosen] = useState(earlier);
  const notListed = unlisted !== null && JSON.stringify(unlisted.name) !== own ? unlisted : null;
  const other = chosen ?? others[0]?.name ?? notListed?.name ?? null;
  if (other === null) return <p className="px-4 py-3 text-ink-soft">{t("compareNone")}</p>;
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div className="border-line border-b px-4 py-2">
        <ImagePicker
          label={t("compareWith")}
          images={others}
          unlisted={notListed}
          chosen={other}
          onChoose={setChosen}
        />
      </div>
      <Comparison
        key={JSON.stringify([other, own])}
        playgroundId={playgroundId}
        image={other}
        other={image}
      />
    </div>
  );
}

interface ComparisonProps {
  readonly playgroundId: string;
  /** The earlier one. */
  readonly image: ImageName;
  readonly other: ImageName;
}

function Comparison(props: ComparisonProps) {
  const t = useTranslations("layers");
  const { answer, again } = useAnswer("comparison", (signal) => rpc.image.compare.query(props, { signal }));
  if (answer.state === "loading") return <Loading>{t("comparing")}</Loading>;
  if (answer.state === "failed") return <Failed error={answer.error} again={again} />;
  return (
    <div tabIndex={0} className="min-h-0 flex-1 overflow-y-auto -outline-offset-2">
      <Summary comparison={answer.value} />
      <Differences {...props} />
    </div>
  );
}

function Summary({ comparison }: { readonly comparison: ImageComparison }) {
  const t = useTranslations("layers");
  const { sharedLayers, layersAfter, added, removed, changed, uncompared } = comparison;
  const line = (children: ReactNode) => <li>{children}</li>;
  return (
    <ul className="px-4 py-3">
      {line(t("shared", { shared: String(sharedLayers), all: layersAfter }))}
      {line(t("addedSum", { paths: added.paths, size: bytes(added.bytes) }))}
      {line(
        t("changedSum", {
          paths: changed.paths,
          before: bytes(changed.bytesBefore),
          after: bytes(changed.bytesAfter),
        }),
      )}
      {line(t("removedSum", { paths: removed.paths, size: bytes(removed.bytes) }))}
      {uncompared > 0 && line(t("uncompared", { paths: uncompared }))}
    </ul>
  );
}

/** A page of differences, and more when they are wanted. */
function Differences(props: ComparisonProps) {
  const t = useTranslations("layers");
  const sentence = useErrorSentence();
  const { answer, again } = useAnswer("differences", (signal) => pageOf(props, "", signal));
  const [more, setMore] = useState<readonly ImageDifference[]>([]);
  const [isOver, setOver] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  if (answer.state === "loading") return <Loading>{t("comparing")}</Loading>;
  if (answer.state === "failed") return <Failed error={answer.error} again={again} />;
  const shown = [...answer.value, ...more];
  const fetchMore = async () => {
    setFailure(null);
    try {
      const page = await pageOf(props, shown.at(-1)?.path ?? "");
      setMore((before) => [...before, ...page]);
      setOver(page.length < PAGE);
    } catch (thrown) {
      setFailure(sentence(wireErrorOf(thrown)));
    }
  };
  const hasMore = answer.value.length === PAGE && !isOver && shown.length < MOST_SHOWN;
  return (
    <>
      <ul aria-label={t("differences")} className="border-line border-t">
        {shown.map((difference) => (
          <Difference key={difference.path} difference={difference} />
        ))}
      </ul>
      <div className="flex items-center gap-3 px-4 py-2">
        {hasMore && <Button onClick={() => void fetchMore()}>{t("moreDifferences")}</Button>}
        <p role="alert" className="text-bad text-small">
          {failure}
        </p>
      </div>
    </>
  );
}

const pageOf = (
  { playgroundId, image, other }: ComparisonProps,
  after: string,
  signal: AbortSignal | null = null,
) =>
  rpc.image.differences.query(
    { playgroundId, image, other, page: { after, limit: PAGE } },
    signal === null ? {} : { signal },
  );

function Difference({ difference }: { readonly difference: ImageDifference }) {
  const { path, kind, change, bytesBefore, bytesAfter } = difference;
  const sizes = [bytesBefore, bytesAfter].filter((size) => size !== null).map(bytes);
  return (
    <li className="flex items-baseline gap-2 px-4 py-0.5 text-small">
      <ChangeBadge change={change} />
      <span className="min-w-0 flex-1 font-mono [overflow-wrap:anywhere]">
        <ShownName name={path} />
        {kind === "directory" && "/"}
      </span>
      {kind === "file" && <span className="shrink-0 text-ink-faint tabular-nums">{sizes.join(" → ")}</span>}
    </li>
  );
}
