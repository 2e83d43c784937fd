import type { WireError } from "@slipway/protocol";
import { GitFork } from "lucide-react";
import { useEffect, useState } from "react";
import { useLocale, useTranslations } from "use-intl";
import { rpc, type SharedPlayground } from "../../rpc/client.ts";
import { wireErrorOf } from "../../rpc/failure.ts";
import { Button } from "../../ui/button.tsx";
import { useErrorSentence } from "../../ui/error-sentence.ts";
import { bytes, timeAgo } from "../../ui/format.ts";
import { SharedText } from "./shared-text.tsx";

type Arrival =
  | { readonly state: "loading" }
  | { readonly state: "failed"; readonly error: WireError }
  | { readonly state: "here"; readonly playground: SharedPlayground };

/** Somebody's playground for whoever holds a link to it: to read, and to make one's own. */
export function PlaygroundVisit({ token }: { readonly token: string }) {
  const t = useTranslations("playgrounds.visit");
  const sentence = useErrorSentence();
  const [arrival, setArrival] = useState<Arrival>({ state: "loading" });
  useEffect(() => {
    let gone = false;
    rpc.playgroundLink.view.query({ token }).then(
      (playground) => !gone && setArrival({ state: "here", playground }),
      (thrown: unknown) => !gone && setArrival({ state: "failed", error: wireErrorOf(thrown) }),
    );
    return () => {
      gone = true;
    };
  }, [token]);
  if (arrival.state === "loading") {
    return (
      <p role="status" className="tide m-auto text-ink-soft">
        {t("loading")}
      </p>
    );
  }
  if (arrival.state === "failed") {
    return (
      <p role="alert" className="m-auto max-w-[30rem] py-10">
        {arrival.error.code === "link-missing" ? t("gone") : sentence(arrival.error)}
      </p>
    );
  }
  return <Shared token={token} playground={arrival.playground} />;
}

function Shared({ token, playground }: { readonly token: string; readonly playground: SharedPlayground }) {
  const t = useTranslations("playgrounds.visit");
  const language = useLocale();
  const files = playground.files.filter(({ digest }) => digest !== null);
  const [open, setOpen] = useState(files.find(({ path }) => path === "Dockerfile")?.path ?? null);
  const file = files.find(({ path }) => path === open);
  return (
    <div className="flex flex-1 flex-col gap-4 py-6">
      <div className="flex flex-wrap items-end gap-x-6 gap-y-3">
        <div className="min-w-0 flex-1">
          <h1 className="truncate font-semibold text-large">{playground.name}</h1>
          <p className="text-ink-faint text-small">
            {t("changed", { when: timeAgo(playground.savedAt, Date.now(), language) })}
          </p>
        </div>
        <ForkButton token={token} />
        <a href={`/given/${token}/zip`} download className="underline underline-offset-2">
          {t("zip")}
        </a>
      </div>
      <p className="text-ink-soft text-small">{t("forkText")}</p>
      <div className="grid min-h-0 flex-1 gap-4 medium:grid-cols-[15rem_minmax(0,1fr)]">
        <nav aria-label={t("files")} className="max-h-[40dvh] overflow-y-auto medium:max-h-[70dvh]">
          <ul>
            {files.map(({ path }) => (
              <li key={path}>
                <button
                  type="button"
                  aria-current={path === open ? "true" : undefined}
                  onClick={() => setOpen(path)}
                  title={path}
                  className="h-8 w-full truncate rounded-medium px-2 text-left font-mono text-small hover:bg-hover aria-[current]:bg-sea-soft"
                >
                  {path}
                </button>
              </li>
            ))}
          </ul>
        </nav>
        {file === undefined ? (
          <p className="text-ink-soft">{t("choose")}</p>
        ) : file.isText ? (
          <SharedText key={file.path} token={token} path={file.path} />
        ) : (
          <p className="text-ink-soft">{t("notText", { size: bytes(file.bytes) })}</p>
        )}
      </div>
    </div>
  );
}

function ForkButton({ token }: { readonly token: string }) {
  const t = useTranslations("playgrounds.visit");
  const sentence = useErrorSentence();
  const [state, setState] = useState<{ readonly busy: boolean; readonly error: WireError | null }>({
    busy: false,
    error: null,
  });
  const fork = async () => {
    setState({ busy: true, error: null });
    try {
      await rpc.account.enter.mutate();
      const { id } = await rpc.playgroundLink.fork.mutate({ token });
      window.location.assign(`/p/${id}`);
    } catch (thrown) {
      setState({ busy: false, error: wireErrorOf(thrown) });
    }
  };
  return (
    <>
      {state.error && (
        <p role="alert" className="text-bad text-small">
          {sentence(state.error)}
        </p>
      )}
      <Button
        look="primary"
        disabled={state.busy}
        icon={<GitFork size={16} aria-hidden="true" />}
        onClick={() => void fork()}
      >
        {t(state.busy ? "forking" : "fork")}
      </Button>
    </>
  );
}
