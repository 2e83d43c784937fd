import type { FilePart, PathStep } from "@slipway/protocol";
import { MAX_FILE_PART_BYTES } from "@slipway/protocol";
import { X } from "lucide-react";
import { useMemo, useState } from "react";
import { useTranslations } from "use-intl";
import { type ImageName, rpc } from "../../rpc/client.ts";
import { Button, IconButton } from "../../ui/button.tsx";
import { bytes } from "../../ui/format.ts";
import { ShownName } from "../../ui/shown-name.tsx";
import { shownContent } from "../../ui/shown-text.ts";
import { Failed, Loading } from "./answer-state.tsx";
import { ChangeBadge } from "./change-badge.tsx";
import { bytesOfBase64, contentOf, modeText } from "./file-content.ts";
import { useAnswer } from "./use-answer.ts";

export interface FileViewProps {
  readonly playgroundId: string;
  readonly image: ImageName;
  readonly layer: number;
  readonly path: string;
  readonly onLayer: (layer: number) => void;
  readonly onClose: () => void;
}

/** One path: which layers made it what it is, and its content as of the chosen layer. */
export function FileView({ playgroundId, image, layer, path, onLayer, onClose }: FileViewProps) {
  const t = useTranslations("layers");
  const key = JSON.stringify([image, path]);
  const { answer, again } = useAnswer(key, (signal) =>
    rpc.image.path.query({ playgroundId, image, asked: { path } }, { signal }),
  );
  return (
    <section aria-label={t("file")} className="flex min-h-0 flex-1 flex-col bg-surface">
      <div className="flex items-start gap-2 border-line border-b py-1 pr-2 pl-4">
        <h3 className="min-w-0 flex-1 py-1 font-mono text-small [overflow-wrap:anywhere]">
          <ShownName name={`/${path}`} />
        </h3>
        <IconButton label={t("closeFile")} onClick={onClose}>
          <X size={16} strokeWidth={1.75} aria-hidden="true" />
        </IconButton>
      </div>
      {answer.state === "loading" && <Loading>{t("loadingFile")}</Loading>}
      {answer.state === "failed" && <Failed error={answer.error} again={again} />}
      {answer.state === "here" && (
        <>
          <Steps steps={answer.value} layer={layer} onLayer={onLayer} />
          <AsOfLayer
            playgroundId={playgroundId}
            image={image}
            path={path}
            steps={answer.value}
            layer={layer}
          />
        </>
      )}
    </section>
  );
}

/** Where it came from. */
function Steps(props: {
  readonly steps: readonly PathStep[];
  readonly layer: number;
  readonly onLayer: (layer: number) => void;
}) {
  const t = useTranslations("layers");
  const current = stepAt(props.steps, props.layer);
  return (
    <ol aria-label={t("cameFrom")} className="max-h-32 shrink-0 overflow-y-auto border-line border-b py-1">
      {props.steps.map((step) => (
        <li key={step.layer}>
          <button
            type="button"
            aria-current={step === current ? "true" : undefined}
            onClick={() => props.onLayer(step.layer)}
            className="flex w-full items-center gap-2 px-4 py-0.5 text-left text-small -outline-offset-2 hover:bg-hover aria-[current]:font-semibold"
          >
            <ChangeBadge change={step.change} />
            <span className="min-w-0 flex-1">
              {t(`step.${step.change}`, { layer: String(step.layer + 1) })}
            </span>
            <span className="shrink-0 text-ink-faint tabular-nums">
              {step.kind === "file" && `${bytes(step.sizeBytes)} · `}
              <code>{modeText(step.mode)}</code> {step.uid}:{step.gid}
            </span>
          </button>
        </li>
      ))}
    </ol>
  );
}

/** What was done last with all layers up to one. */
function stepAt(steps: readonly PathStep[], layer: number): PathStep | null {
  return steps.findLast((step) => step.layer <= layer) ?? null;
}

function AsOfLayer({
  steps,
  layer,
  ...file
}: Pick<FileViewProps, "playgroundId" | "image" | "path" | "layer"> & {
  readonly steps: readonly PathStep[];
}) {
  const t = useTranslations("layers");
  const step = stepAt(steps, layer);
  if (step === null) return <p className="px-4 py-3 text-ink-soft">{t("notYet")}</p>;
  const isRemoved = step.change === "removed";
  return (
    <>
      {isRemoved && (
        <p className="bg-warn-soft px-4 py-2 text-small">
          {t("removedBy", { layer: String(step.layer + 1) })}
        </p>
      )}
      {step.kind === "symlink" && (
        <p className="px-4 py-2 text-small">
          {t("leadsTo")}{" "}
          <code className="[overflow-wrap:anywhere]">
            <ShownName name={step.target} />
          </code>
        </p>
      )}
      {step.kind === "file" ? (
        <Content key={`${step.layer}`} {...file} layer={isRemoved ? step.layer - 1 : step.layer} />
      ) : (
        <p className="px-4 py-2 text-ink-soft text-small">{t(`noContent.${step.kind}`)}</p>
      )}
    </>
  );
}

function Content({
  playgroundId,
  image,
  path,
  layer,
}: Pick<FileViewProps, "playgroundId" | "image" | "path" | "layer">) {
  const t = useTranslations("layers");
  const [offset, setOffset] = useState(0);
  const key = JSON.stringify([image, path, layer, offset]);
  const { answer, again } = useAnswer(key, (signal) =>
    rpc.image.file.query({ playgroundId, image, asked: { layer, path, offset } }, { signal }),
  );
  if (answer.state === "loading") return <Loading>{t("loadingFile")}</Loading>;
  if (answer.state === "failed") return <Failed error={answer.error} again={again} />;
  return <Part part={answer.value} onOffset={setOffset} />;
}

function Part({ part, onOffset }: { readonly part: FilePart; readonly onOffset: (offset: number) => void }) {
  const t = useTranslations("layers");
  const content = useMemo(() => contentOf(bytesOfBase64(part.base64), part.offset), [part]);
  const end = Math.min(part.sizeBytes, part.offset + MAX_FILE_PART_BYTES);
  return (
    <>
      {part.sizeBytes > MAX_FILE_PART_BYTES && (
        <div className="flex flex-wrap items-center gap-2 border-line border-b px-4 py-1 text-small">
          <span className="text-ink-soft">
            {t("part", { from: bytes(part.offset), to: bytes(end), size: bytes(part.sizeBytes) })}
          </span>
          <Button
            size="small"
            disabled={part.offset === 0}
            onClick={() => onOffset(Math.max(0, part.offset - MAX_FILE_PART_BYTES))}
          >
            {t("earlierPart")}
          </Button>
          <Button size="small" disabled={end >= part.sizeBytes} onClick={() => onOffset(end)}>
            {t("laterPart")}
          </Button>
        </div>
      )}
      {content.kind === "empty" && <p className="px-4 py-2 text-ink-soft text-small">{t("emptyFile")}</p>}
      {content.kind === "binary" && <p className="px-4 pt-2 text-ink-soft text-small">{t("binary")}</p>}
      {content.kind !== "empty" && (
        <section
          tabIndex={0}
          dir="ltr"
          aria-label={t("content")}
          className="min-h-0 flex-1 overflow-auto px-4 py-2 -outline-offset-2"
        >
          <pre className="text-[0.8125rem] leading-normal">
            {content.kind === "text"
              ? shownContent(content.text)
              : content.rows
                  .map(({ offset, hex, text }) => `${offset}  ${hex.padEnd(47)}  ${text}`)
                  .join("\n")}
          </pre>
        </section>
      )}
    </>
  );
}
