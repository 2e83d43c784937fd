import { ArrowLeft, ExternalLink, RotateCw, X } from "lucide-react";
import { type FormEvent, useCallback, useEffect, useRef, useState } from "react";
import { useTranslations } from "use-intl";
import { Button, IconButton } from "../../../ui/button.tsx";
import { classNames } from "../../../ui/class-names.ts";
import { Splitter } from "../../../ui/splitter.tsx";
import { usePortTab } from "../use-port-tab.ts";
import { PreviewNotice } from "./preview-notice.tsx";
import { PATH_CHARACTERS, pathOf } from "./preview-state.ts";
import { usePreview } from "./use-preview.ts";

const ICON = { size: 15, strokeWidth: 1.75, "aria-hidden": "true" } as const;

/**
 * A page of a container may be a page, on an origin of its own: scripts, forms, storage. It may open tabs, which know nothing of ours
 * (Cross-Origin-Opener-Policy); it may not lead our own page away.
 */
const SANDBOX = "allow-scripts allow-forms allow-same-origin allow-popups allow-popups-to-escape-sandbox";

/** How much of the room beside the terminals it takes, percent. */
const SHARE = { first: 50, least: 20, most: 80 };

export interface PreviewPaneProps {
  readonly port: number;
  /** A program listens there, and not only for its own container. */
  readonly listens: boolean;
  readonly previewUrl: (port: number) => Promise<string>;
  readonly onClose: () => void;
}

/** A port beside the terminals, and the line that divides it from them. On a narrow screen it stands in their place. */
export function PreviewPane({ port, listens, previewUrl, onClose }: PreviewPaneProps) {
  const t = useTranslations("preview");
  const number = String(port);
  const [share, setShare] = useState(SHARE.first);
  const pane = useRef<HTMLElement>(null);
  const frame = useRef<HTMLIFrameElement>(null);
  const addressOf = useCallback(
    async (path: string) => {
      const url = new URL(await previewUrl(port));
      url.searchParams.set("to", path);
      return url.href;
    },
    [port, previewUrl],
  );
  const preview = usePreview(addressOf, listens, frame);
  const { state, path, go } = preview;
  const tab = usePortTab();
  const openTab = () => void tab.open(() => addressOf(path));
  useEffect(() => pane.current?.focus({ preventScroll: true }), []);
  const divide = (lies: "across" | "along", look: string) => (
    <Splitter
      label={t("divide")}
      lies={lies}
      of="end"
      share={share}
      least={SHARE.least}
      most={SHARE.most}
      onShare={setShare}
      className={look}
    />
  );
  return (
    <>
      {divide("across", "hidden @min-[36rem]:block")}
      {divide("along", "@min-[36rem]:hidden")}
      <section
        ref={pane}
        tabIndex={-1}
        aria-label={t("title", { port: number })}
        style={{ flexBasis: `${share}%` }}
        className="flex min-h-0 min-w-0 flex-col bg-surface outline-none max-wide:flex-1"
      >
        <PreviewBar
          port={number}
          path={path}
          onGo={go}
          onTab={openTab}
          onClose={onClose}
          isBusy={state.kind === "asking" || state.kind === "loading"}
        />
        <p role="alert" className="px-3 py-1.5 text-bad text-small empty:hidden">
          {tab.failure}
        </p>
        <div className="relative flex min-h-0 flex-1 flex-col">
          {"url" in state && (
            <iframe
              key={state.wish}
              ref={frame}
              title={t("frame", { port: number })}
              src={state.url}
              sandbox={SANDBOX}
              onLoad={preview.loaded}
              className={classNames(
                "min-h-0 w-full flex-1 border-0 bg-[#fff] [color-scheme:light]",
                state.kind === "loading" && "invisible",
              )}
            />
          )}
          <PreviewNotice state={state} port={number} onAgain={() => go(path)} onTab={openTab} />
        </div>
      </section>
    </>
  );
}

interface PreviewBarProps {
  readonly port: string;
  readonly path: string;
  readonly isBusy: boolean;
  readonly onGo: (path: string) => void;
  readonly onTab: () => void;
  readonly onClose: () => void;
}

function PreviewBar({ port, path, isBusy, onGo, onTab, onClose }: PreviewBarProps) {
  const t = useTranslations("preview");
  const [typed, setTyped] = useState(path);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const wanted = pathOf(typed);
    setTyped(wanted);
    onGo(wanted);
  };
  return (
    <div className="flex h-9 shrink-0 items-center gap-0.5 border-line border-b px-1.5">
      <Button
        look="bare"
        size="small"
        icon={<ArrowLeft {...ICON} />}
        aria-label={t("back")}
        onClick={onClose}
        className="wide:hidden"
      >
        {t("backShort")}
      </Button>
      <IconButton label={t("reload")} aria-busy={isBusy} onClick={() => onGo(path)} className="size-7">
        <RotateCw {...ICON} className={isBusy ? "motion-safe:animate-spin" : undefined} />
      </IconButton>
      <form
        onSubmit={submit}
        className="mx-1 flex h-7 min-w-0 flex-1 items-center rounded-medium border border-line-strong bg-paper pl-2 font-mono text-small focus-within:border-sea"
      >
        <span aria-hidden="true" className="shrink-0 text-ink-soft">
          :{port}
        </span>
        <input
          type="text"
          aria-label={t("path", { port })}
          value={typed}
          maxLength={PATH_CHARACTERS}
          spellCheck={false}
          autoComplete="off"
          autoCapitalize="off"
          enterKeyHint="go"
          onChange={({ currentTarget }) => setTyped(currentTarget.value)}
          className="h-full min-w-0 flex-1 rounded-medium bg-transparent px-1 text-ink outline-none"
        />
      </form>
      <IconButton label={t("tab", { port })} onClick={onTab} className="size-7">
        <ExternalLink {...ICON} />
      </IconButton>
      <IconButton label={t("close")} onClick={onClose} className="size-7 max-wide:hidden">
        <X {...ICON} />
      </IconButton>
    </div>
  );
}
