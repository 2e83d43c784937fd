import type { ReactNode } from "react";
import { PreferenceSwitches } from "../features/preferences/preference-switches.tsx";
import { NAME_SLOT, RUNTIMES_SLOT } from "../features/status/slots.ts";
import { StatusLine } from "../features/status/status-line.tsx";
import { PageHeader } from "../ui/page-header.tsx";
import { type Preferences, translatorOf } from "./preferences.ts";

/** The parts that all pages have around their own content, in the language of the request. */
export function Switches({ preferences }: { readonly preferences: Preferences }) {
  const t = translatorOf(preferences.language);
  return (
    <PreferenceSwitches
      {...preferences}
      labels={{
        language: t("preferences.language"),
        theme: {
          system: t("preferences.theme.system"),
          light: t("preferences.theme.light"),
          dark: t("preferences.theme.dark"),
        },
      }}
    />
  );
}

export function Status({ preferences }: { readonly preferences: Preferences }) {
  const t = translatorOf(preferences.language);
  return (
    <StatusLine
      labels={{
        asking: t("status.unknown"),
        unreachable: t("status.unreachable"),
        none: t("status.none"),
        runtime: t("status.runtime", { runtimes: RUNTIMES_SLOT }),
        hardened: t("status.hardened", { name: NAME_SLOT }),
      }}
    />
  );
}

/** A page to read: header, content in one column, footer with the state of the place. */
export function ReadingPage(props: { readonly preferences: Preferences; readonly children: ReactNode }) {
  const t = translatorOf(props.preferences.language);
  return (
    <div className="mx-auto flex min-h-dvh max-w-[76rem] flex-col">
      <PageHeader
        name={t("app.name")}
        homeLabel={t("app.home")}
        end={<Switches preferences={props.preferences} />}
      />
      <main id="content" className="flex flex-1 flex-col px-4 medium:px-5">
        {props.children}
      </main>
      <footer className="flex flex-wrap items-center justify-between gap-x-6 gap-y-1 px-4 py-5 text-small text-ink-faint medium:px-5">
        <Status preferences={props.preferences} />
        <p>{t("app.source")}</p>
      </footer>
    </div>
  );
}
