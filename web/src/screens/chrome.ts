import type { AccountLinkProps } from "../features/account/account-link.tsx";
import { NAME_SLOT as PERSON_SLOT } from "../features/account/slot.ts";
import type { PreferenceSwitchesProps } from "../features/preferences/preference-switches.tsx";
import { NAME_SLOT, RUNTIMES_SLOT } from "../features/status/slots.ts";
import type { StatusLineProps } from "../features/status/status-line.tsx";
import { type Preferences, translatorOf } from "./preferences.ts";

/** What all pages have around their own content, as texts in the language of the request. */
export interface Chrome {
  readonly name: string;
  readonly home: string;
  readonly source: string;
  readonly switches: PreferenceSwitchesProps;
  readonly account: AccountLinkProps;
  readonly status: StatusLineProps;
}

export function chromeOf(preferences: Preferences): Chrome {
  const t = translatorOf(preferences.language);
  return {
    name: t("app.name"),
    home: t("app.home"),
    source: t("app.source"),
    switches: {
      ...preferences,
      labels: {
        language: t("preferences.language"),
        theme: {
          system: t("preferences.theme.system"),
          light: t("preferences.theme.light"),
          dark: t("preferences.theme.dark"),
        },
      },
    },
    account: {
      labels: { signIn: t("account.signInLink"), own: t("account.link", { name: PERSON_SLOT }) },
    },
    status: {
      labels: {
        asking: t("status.unknown"),
        unreachable: t("status.unreachable"),
        none: t("status.none"),
        runtime: t("status.runtime", { runtimes: RUNTIMES_SLOT }),
        hardened: t("status.hardened", { name: NAME_SLOT }),
      },
    },
  };
}
