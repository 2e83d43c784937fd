import { Monitor, Moon, Sun } from "lucide-react";
import { useRouter } from "next/router";
import { useState } from "react";
import { rememberPreference } from "../../rpc/preferences.ts";
import { IconButton } from "../../ui/button.tsx";
import type { Language } from "../../ui/language/language.ts";
import { nextTheme, type Theme } from "../../ui/theme/theme.ts";

export interface PreferenceSwitchesProps {
  readonly language: Language;
  readonly theme: Theme;
  readonly labels: { readonly language: string; readonly theme: Record<Theme, string> };
}

const THEME_ICONS = { system: Monitor, light: Sun, dark: Moon };

/** Language and colours. Labels come in as texts, so that pages without the message library can use this. */
export function PreferenceSwitches({ language, theme: initialTheme, labels }: PreferenceSwitchesProps) {
  const router = useRouter();
  const [theme, setTheme] = useState(initialTheme);
  const other: Language = language === "ko" ? "en" : "ko";

  const switchLanguage = () => {
    void rememberPreference({ language: other }).then(async () => {
      // The server answers this page again in the other language; what the page holds stays.
      await router.replace(router.asPath, undefined, { scroll: false });
      document.documentElement.lang = other;
    });
  };
  const switchTheme = () => {
    const next = nextTheme(theme);
    void rememberPreference({ theme: next });
    if (next === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = next;
    setTheme(next);
  };

  const ThemeIcon = THEME_ICONS[theme];
  return (
    <>
      <button
        type="button"
        lang={other}
        aria-label={labels.language}
        title={labels.language}
        onClick={switchLanguage}
        className="h-8 rounded-medium px-2.5 text-small font-medium text-ink-soft transition-colors hover:bg-hover hover:text-ink"
      >
        {other === "ko" ? "한국어" : "English"}
      </button>
      <IconButton label={labels.theme[theme]} onClick={switchTheme}>
        <ThemeIcon size={17} strokeWidth={1.75} aria-hidden="true" />
      </IconButton>
    </>
  );
}
