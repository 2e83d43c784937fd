import { IntlProvider, useTranslations } from "use-intl";
import { usePlayground } from "../../rpc/use-playground.ts";
import { Button } from "../../ui/button.tsx";
import { useErrorSentence } from "../../ui/error-sentence.ts";
import type { en } from "../../ui/messages/en.ts";
import type { Messages } from "../../ui/messages/messages.ts";
import { PageHeader } from "../../ui/page-header.tsx";
import type { Chrome } from "../chrome.ts";
import { Notice } from "../notice.tsx";
import { PageTools } from "../page-tools.tsx";
import { PlaygroundScreen } from "./playground-screen.tsx";

export interface WorkbenchProps {
  readonly playgroundId: string;
  readonly chrome: Chrome;
  readonly messages: Messages;
}

/** Brings a playground onto the page: loading, missing, broken, or there. */
export function Workbench(props: WorkbenchProps) {
  return (
    // Both languages have the shape of the English messages, which carry the types of the placeholders.
    <IntlProvider
      locale={props.chrome.switches.language}
      messages={props.messages as typeof en}
      timeZone="UTC"
    >
      <Loaded {...props} />
    </IntlProvider>
  );
}

const MISSING: ReadonlySet<string> = new Set([
  "playground-missing",
  "not-signed-in",
  "forbidden",
  "request-invalid",
]);

function Loaded({ playgroundId, chrome }: WorkbenchProps) {
  const t = useTranslations();
  const sentence = useErrorSentence();
  const { arrival, again } = usePlayground(playgroundId);
  if (arrival.state === "here") return <PlaygroundScreen playground={arrival.playground} chrome={chrome} />;

  return (
    <div className="mx-auto flex min-h-dvh max-w-[76rem] flex-col">
      <PageHeader name={chrome.name} homeLabel={chrome.home} end={<PageTools chrome={chrome} />} />
      <main className="flex flex-1 flex-col px-4 medium:px-5">
        {arrival.state === "loading" && (
          <p role="status" className="tide m-auto pb-24 text-ink-soft">
            {t("playground.loading")}
          </p>
        )}
        {arrival.state === "failed" && MISSING.has(arrival.error.code) && (
          <Notice title={t("notFound.title")} text={t("notFound.text")} home={t("notFound.home")} />
        )}
        {arrival.state === "failed" && !MISSING.has(arrival.error.code) && (
          <div role="alert" className="m-auto flex flex-col items-start gap-4 pb-24">
            <p className="text-large">{sentence(arrival.error)}</p>
            <Button onClick={again}>{t("playground.retry")}</Button>
          </div>
        )}
      </main>
    </div>
  );
}
