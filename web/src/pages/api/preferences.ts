import type { NextApiRequest, NextApiResponse } from "next";
import { z } from "zod";
import { LANGUAGE_COOKIE, LANGUAGES } from "../../ui/language/language.ts";
import { THEME_COOKIE, THEMES } from "../../ui/theme/theme.ts";

/** Browsers keep a cookie 400 days at most (RFC 6265bis section 5.5). */
const KEPT_SECONDS = 400 * 24 * 60 * 60;

const preferenceSchema = z.object({
  language: z.enum(LANGUAGES).optional(),
  theme: z.enum(THEMES).optional(),
});

const cookie = (name: string, value: string): string =>
  `${name}=${value}; Path=/; Max-Age=${KEPT_SECONDS}; SameSite=Lax; HttpOnly`;

/** Remembers the language or the colours that someone chose. */
export default function preferences(request: NextApiRequest, response: NextApiResponse): void {
  const parsed = preferenceSchema.safeParse(request.body);
  if (request.method !== "POST" || !parsed.success) {
    response.status(400).json({ error: "Expected a language or a theme, sent with POST." });
    return;
  }
  const { language, theme } = parsed.data;
  response.setHeader("Set-Cookie", [
    ...(language === undefined ? [] : [cookie(LANGUAGE_COOKIE, language)]),
    ...(theme === undefined ? [] : [cookie(THEME_COOKIE, theme)]),
  ]);
  response.status(204).end();
}
