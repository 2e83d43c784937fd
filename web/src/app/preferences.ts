import { cookies, headers } from "next/headers";
import { createTranslator } from "use-intl/core";
import { LANGUAGE_COOKIE, type Language, negotiateLanguage } from "../ui/language/language.ts";
import { en } from "../ui/messages/en.ts";
import { ko } from "../ui/messages/ko.ts";
import type { Messages } from "../ui/messages/messages.ts";
import { parseTheme, THEME_COOKIE, type Theme } from "../ui/theme/theme.ts";

export interface Preferences {
  readonly language: Language;
  readonly theme: Theme;
}

/** What this request asks for: cookies first, then what the browser says of itself. */
export async function readPreferences(): Promise<Preferences> {
  const [jar, head] = await Promise.all([cookies(), headers()]);
  return {
    language: negotiateLanguage(jar.get(LANGUAGE_COOKIE)?.value, head.get("accept-language")),
    theme: parseTheme(jar.get(THEME_COOKIE)?.value),
  };
}

export const messagesOf = (language: Language): Messages => (language === "ko" ? ko : en);

/** A translator for server components; their strings reach the browser as plain text. */
export const translatorOf = (language: Language) =>
  createTranslator({ locale: language, messages: messagesOf(language) as typeof en });
