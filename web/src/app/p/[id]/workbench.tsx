"use client";

import type { ReactNode } from "react";
import { IntlProvider, useTranslations } from "use-intl";
import { wireErrorOf } from "../../../rpc/failure.ts";
import { RpcProvider } from "../../../rpc/rpc-provider.tsx";
import { usePlayground } from "../../../rpc/use-playground.ts";
import { Button } from "../../../ui/button.tsx";
import { useErrorSentence } from "../../../ui/error-sentence.ts";
import type { Language } from "../../../ui/language/language.ts";
import type { en } from "../../../ui/messages/en.ts";
import type { Messages } from "../../../ui/messages/messages.ts";
import { PageHeader } from "../../../ui/page-header.tsx";
import { PlaygroundScreen } from "./playground-screen.tsx";

export interface WorkbenchProps {
  readonly playgroundId: string;
  readonly language: Language;
  readonly messages: Messages;
  readonly switches: ReactNode;
  readonly status: ReactNode;
  /** Shown when there is no such playground, or it is someone else's. */
  readonly missing: ReactNode;
}

/** Brings a playground onto the page: loading, missing, broken, or there. */
export function Workbench(props: WorkbenchProps) {
  return (
    // Both languages have the shape of the English messages, which carry the types of the placeholders.
    <IntlProvider locale={props.language} messages={props.messages as typeof en} timeZone="UTC">
      <RpcProvider>
        <Loaded {...props} />
      </RpcProvider>
    </IntlProvider>
  );
}

const MISSING: ReadonlySet<string> = new Set([
  "playground-missing",
  "not-signed-in",
  "forbidden",
  "request-invalid",
]);

function Loaded({ playgroundId, switches, status, missing }: WorkbenchProps) {
  const t = useTranslations();
  const sentence = useErrorSentence();
  const { data, error, refetch } = usePlayground(playgroundId);
  if (data !== undefined) return <PlaygroundScreen playground={data} switches={switches} status={status} />;

  const wire = error === null ? null : wireErrorOf(error);
  return (
    <div className="mx-auto flex min-h-dvh max-w-[76rem] flex-col">
      <PageHeader name={t("app.name")} homeLabel={t("app.home")} end={switches} />
      <main className="flex flex-1 flex-col px-4 medium:px-5">
        {wire === null && (
          <p role="status" className="tide m-auto pb-24 text-ink-soft">
            {t("playground.loading")}
          </p>
        )}
        {wire !== null && MISSING.has(wire.code) && missing}
        {wire !== null && !MISSING.has(wire.code) && (
          <div role="alert" className="m-auto flex flex-col items-start gap-4 pb-24">
            <p className="text-large">{sentence(wire)}</p>
            <Button onClick={() => void refetch()}>{t("playground.retry")}</Button>
          </div>
        )}
      </main>
    </div>
  );
}
