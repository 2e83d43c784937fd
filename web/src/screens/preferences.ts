import type { IncomingHttpHeaders } from "node:http";
import { createTranslator } from "use-intl/core";
import { LANGUAGE_COOKIE, type Language, negotiateLanguage } from "../ui/language/language.ts";
import { en } from "../ui/messages/en.ts";
import { ko } from "../ui/messages/ko.ts";
import type { Messages } from "../ui/messages/messages.ts";
import { parseTheme, THEME_COOKIE, type Theme } from "../ui/theme/theme.ts";

/* For the server's half of a route only: both dictionaries stand behind it. */

export interface Preferences {
  readonly language: Language;
  readonly theme: Theme;
}

export interface PageRequest {
  readonly headers: IncomingHttpHeaders;
  readonly cookies: Partial<Record<string, string>>;
}

/** What a request asks for: cookies first, then what the browser says of itself. */
export const readPreferences = ({ headers, cookies }: PageRequest): Preferences => ({
  language: negotiateLanguage(cookies[LANGUAGE_COOKIE], headers["accept-language"] ?? null),
  theme: parseTheme(cookies[THEME_COOKIE]),
});

export const messagesOf = (language: Language): Messages => (language === "ko" ? ko : en);

/** Makes texts on the server, so that pages without much to say carry neither dictionary nor message library. */
export const translatorOf = (language: Language) =>
  createTranslator({ locale: language, messages: messagesOf(language) as typeof en });

export type Translate = ReturnType<typeof translatorOf>;
