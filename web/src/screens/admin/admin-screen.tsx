import { type ComponentType, useEffect, useState } from "react";
import { IntlProvider, useTranslations } from "use-intl";
import { AuditLog } from "../../features/admin/audit-log.tsx";
import { BuildList } from "../../features/admin/build-list.tsx";
import { Overview } from "../../features/admin/overview.tsx";
import { QuotaList } from "../../features/admin/quota-list.tsx";
import { SessionList } from "../../features/admin/session-list.tsx";
import { UserList } from "../../features/admin/user-list.tsx";
import { rpc } from "../../rpc/client.ts";
import type { en } from "../../ui/messages/en.ts";
import type { Messages } from "../../ui/messages/messages.ts";
import type { Chrome } from "../chrome.ts";
import { Notice } from "../notice.tsx";
import { ReadingPage } from "../reading-page.tsx";

export interface AdminScreenProps {
  readonly chrome: Chrome;
  readonly messages: Pick<Messages, "admin" | "account" | "errors">;
}

const SECTIONS = {
  overview: Overview,
  sessions: SessionList,
  builds: BuildList,
  users: UserList,
  quotas: QuotaList,
  audit: AuditLog,
} as const satisfies Record<string, ComponentType>;
type Section = keyof typeof SECTIONS;
const NAMES = Object.keys(SECTIONS) as Section[];

/** The operator's page. */
export function AdminScreen({ chrome, messages }: AdminScreenProps) {
  return (
    <IntlProvider locale={chrome.switches.language} messages={messages as typeof en} timeZone="UTC">
      <ReadingPage chrome={chrome}>
        <Admin />
      </ReadingPage>
    </IntlProvider>
  );
}

function Admin() {
  const t = useTranslations("admin");
  const [mayEnter, setMayEnter] = useState<boolean | null>(null);
  const [section, setSection] = useState<Section>("overview");
  useEffect(() => {
    rpc.account.me.query().then(
      (person) => setMayEnter(person?.role === "operator"),
      () => setMayEnter(false),
    );
  }, []);
  const Shown = SECTIONS[section];
  if (mayEnter === null) return <p className="tide m-auto pb-24 text-ink-soft">{t("loading")}</p>;
  if (!mayEnter) {
    const texts = { title: t("forbidden"), text: t("forbiddenText"), home: t("account") };
    return <Notice {...texts} href="/account?to=/admin" />;
  }
  return (
    <div className="flex flex-col gap-6 py-8">
      <h1 className="font-semibold text-heading">{t("title")}</h1>
      <nav aria-label={t("sections")} className="flex flex-wrap gap-1 border-line border-b pb-2">
        {NAMES.map((name) => (
          <button
            key={name}
            type="button"
            aria-current={name === section ? "page" : undefined}
            onClick={() => setSection(name)}
            className="h-9 rounded-medium px-3 text-ink-soft hover:bg-hover aria-[current]:bg-sea-soft aria-[current]:font-semibold aria-[current]:text-ink"
          >
            {t(`tabs.${name}`)}
          </button>
        ))}
      </nav>
      <Shown />
    </div>
  );
}
