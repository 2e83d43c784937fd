import { IntlProvider, useTranslations } from "use-intl";
import { PreferenceSwitches } from "../../features/preferences/preference-switches.tsx";
import { type TerminalSlot, TerminalTabs } from "../../features/session/terminal-tabs.tsx";
import { type SharedArrival, useSharedSession } from "../../features/sharing/use-shared-session.ts";
import { TerminalPane } from "../../features/terminal/terminal-pane.tsx";
import type { en } from "../../ui/messages/en.ts";
import type { Messages } from "../../ui/messages/messages.ts";
import { PageHeader } from "../../ui/page-header.tsx";
import type { Chrome } from "../chrome.ts";

export interface VisitPageProps {
  readonly token: string;
  readonly chrome: Chrome;
  readonly messages: Pick<Messages, "app" | "shared" | "terminal" | "terminalBar" | "errors" | "session">;
}

/** The terminals of somebody's session, for whoever holds a link to them. */
export function VisitPage({ token, chrome, messages }: VisitPageProps) {
  return (
    <IntlProvider locale={chrome.switches.language} messages={messages as typeof en} timeZone="UTC">
      <div className="mx-auto flex h-dvh max-w-[110rem] flex-col">
        <PageHeader
          name={chrome.name}
          homeLabel={chrome.home}
          end={<PreferenceSwitches {...chrome.switches} />}
        />
        <Shared token={token} />
      </div>
    </IntlProvider>
  );
}

function Shared({ token }: { readonly token: string }) {
  const t = useTranslations("shared");
  const { arrival, ticket } = useSharedSession(token);
  const session = arrival.state === "here" ? arrival.session : null;
  const renderTerminal = ({ terminal, name, visible, actions }: TerminalSlot) =>
    session && (
      <TerminalPane
        sessionId={session.sessionId}
        terminalId={terminal.terminalId}
        name={name}
        ticket={ticket}
        visible={visible}
        actions={actions}
      />
    );
  return (
    <main className="flex min-h-0 flex-1 flex-col border-line border-t bg-surface">
      <h1 className="sr-only">{t("title")}</h1>
      <p role="status" className="border-line border-b px-4 py-2 text-ink-soft text-small">
        <StateText arrival={arrival} />
      </p>
      {session !== null && session.state !== "queued" && (
        <TerminalTabs
          sessionId={session.sessionId}
          terminals={session.terminals}
          renderTerminal={renderTerminal}
          onOpen={null}
          onFiles={null}
        />
      )}
    </main>
  );
}

function StateText({ arrival }: { readonly arrival: SharedArrival }) {
  const t = useTranslations("shared");
  if (arrival.state === "loading") return t("loading");
  if (arrival.state === "gone") return t("ended");
  if (!arrival.connected) return t("lost");
  if (arrival.session.paused) return t("paused");
  if (arrival.session.state === "queued") return t("queued");
  return t(arrival.session.role === "drive" ? "driving" : "viewing");
}
