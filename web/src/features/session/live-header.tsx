import { Archive, Pause, Play, RotateCcw, Share2 } from "lucide-react";
import { useState } from "react";
import { useTranslations } from "use-intl";
import type { SessionView } from "../../rpc/client.ts";
import { wireErrorOf } from "../../rpc/failure.ts";
import { Button, IconButton } from "../../ui/button.tsx";
import { useErrorSentence } from "../../ui/error-sentence.ts";
import { binaryBytes } from "../../ui/format.ts";
import { Countdown } from "./countdown.tsx";
import type { OpenSessionDialog } from "./session-dialogs.tsx";
import type { Session } from "./use-session.ts";

const ICON = { size: 16, strokeWidth: 1.75, "aria-hidden": "true" } as const;

/** What a live session lets its owner do with it as a whole. */
export function LiveControls(props: {
  readonly view: SessionView;
  readonly session: Session;
  readonly onDialog: (dialog: OpenSessionDialog) => void;
}) {
  const t = useTranslations("session");
  const { view, session, onDialog } = props;
  const [asked, setAsked] = useState<string | null>(null);
  const stopping = view.state === "stopping" || asked === view.id;
  return (
    <>
      {view.state === "running" && (
        <>
          <Countdown expiresAt={view.expiresAt} onExtend={() => void session.extend()} />
          <span className="flex items-center">
            <PauseButton view={view} session={session} />
            <IconButton label={t("restart")} onClick={() => void session.restart()}>
              <RotateCcw {...ICON} />
            </IconButton>
            <IconButton label={t("share")} aria-haspopup="dialog" onClick={() => onDialog("share")}>
              <Share2 {...ICON} />
            </IconButton>
            <IconButton label={t("keep")} aria-haspopup="dialog" onClick={() => onDialog("keep")}>
              <Archive {...ICON} />
            </IconButton>
          </span>
        </>
      )}
      <Button
        size="small"
        disabled={stopping}
        onClick={() => {
          setAsked(view.id);
          void session.stop().finally(() => setAsked(null));
        }}
      >
        {stopping ? t("stopping") : t("stop")}
      </Button>
    </>
  );
}

function PauseButton({ view, session }: { readonly view: SessionView; readonly session: Session }) {
  const t = useTranslations("session");
  const sentence = useErrorSentence();
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const toggle = async () => {
    setBusy(true);
    setFailure(null);
    await session.pause(!view.paused).catch((thrown) => setFailure(sentence(wireErrorOf(thrown))));
    setBusy(false);
  };
  return (
    <>
      <IconButton label={t(view.paused ? "resume" : "pause")} disabled={busy} onClick={() => void toggle()}>
        {view.paused ? <Play {...ICON} /> : <Pause {...ICON} />}
      </IconButton>
      <span role="alert" className="sr-only">
        {failure}
      </span>
    </>
  );
}

/** What it runs on and what it may. */
export function LiveNote({ view }: { readonly view: SessionView }) {
  const t = useTranslations("session");
  const { runtime, limits, egress } = view;
  if (runtime === null) return null;
  const name = runtime.hardened
    ? t("runtimeHardened", { name: runtime.name })
    : t("runtime", { name: runtime.name });
  const limitText = t("limits", { memory: binaryBytes(limits.memoryBytes), cpus: String(limits.cpus) });
  const text = [name, limitText, t(`egress.${egress}`)].join(" · ");
  return <span title={text}>{text}</span>;
}
