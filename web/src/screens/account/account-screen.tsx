import { useEffect, useState } from "react";
import { IntlProvider, useTranslations } from "use-intl";
import { Entry } from "../../features/account/entry-forms.tsx";
import { OwnAccount, RemoveForm } from "../../features/account/own-account.tsx";
import { usePerson } from "../../features/account/use-person.ts";
import { wayBack } from "../../features/account/way-back.ts";
import { useErrorSentence } from "../../ui/error-sentence.ts";
import type { en } from "../../ui/messages/en.ts";
import type { Messages } from "../../ui/messages/messages.ts";
import type { Chrome } from "../chrome.ts";
import { ReadingPage } from "../reading-page.tsx";

export interface AccountScreenProps {
  readonly chrome: Chrome;
  readonly messages: Pick<Messages, "account" | "errors">;
}

/** Ways into an account, or what one can do with one's own. */
export function AccountScreen({ chrome, messages }: AccountScreenProps) {
  return (
    <IntlProvider locale={chrome.switches.language} messages={messages as typeof en} timeZone="UTC">
      <ReadingPage chrome={chrome}>
        <Account />
      </ReadingPage>
    </IntlProvider>
  );
}

function Account() {
  const t = useTranslations("account");
  const sentence = useErrorSentence();
  const { presence, again } = usePerson();
  const { to, failure } = useArrival();
  const person = presence.state === "known" ? presence.person : null;
  const isOwn = person !== null && !person.guest;
  return (
    <div className="flex flex-col gap-8 py-10">
      <div>
        <h1 className="font-semibold text-title tracking-[-0.02em]">{t("title")}</h1>
        {presence.state === "known" && !isOwn && (
          <p className="mt-3 max-w-[38rem] text-ink-soft text-large">
            {person === null ? t("lead") : t("guestLead")}
          </p>
        )}
      </div>
      {presence.state === "loading" && (
        <p role="status" className="tide text-ink-soft">
          {t("loading")}
        </p>
      )}
      {presence.state === "failed" && (
        <p role="alert" className="text-bad">
          {sentence(presence.error)}
        </p>
      )}
      {presence.state === "known" && !isOwn && (
        <Entry isNewFirst={person !== null} oidc={presence.oidc} to={to} failure={failure} />
      )}
      {isOwn && <OwnAccount person={person} onChanged={again} />}
      {person?.guest === true && <RemoveForm person={person} />}
    </div>
  );
}

/** What the address says: where the person came from, and how a provider's sign-in failed. */
function useArrival(): { readonly to: string; readonly failure: string | null } {
  const [arrival, setArrival] = useState<{ to: string; failure: string | null }>({ to: "/", failure: null });
  useEffect(() => {
    const { search, origin } = window.location;
    setArrival({ to: wayBack(search, origin), failure: new URLSearchParams(search).get("error") });
  }, []);
  return arrival;
}
