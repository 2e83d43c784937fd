import { cookies } from "next/headers";
import { z } from "zod";
import { LANGUAGE_COOKIE, LANGUAGES } from "../../ui/language/language.ts";
import { THEME_COOKIE, THEMES } from "../../ui/theme/theme.ts";

/** Browsers keep a cookie 400 days at most (RFC 6265bis section 5.5). */
const KEPT_SECONDS = 400 * 24 * 60 * 60;

const preferenceSchema = z.object({
  language: z.enum(LANGUAGES).optional(),
  theme: z.enum(THEMES).optional(),
});

/** Remembers the language or the colours that someone chose. */
export async function POST(request: Request): Promise<Response> {
  const parsed = preferenceSchema.safeParse(await request.json().catch(() => null));
  if (!parsed.success) return Response.json({ error: "Expected a language or a theme." }, { status: 400 });
  const jar = await cookies();
  const attributes = { path: "/", maxAge: KEPT_SECONDS, sameSite: "lax", httpOnly: true } as const;
  if (parsed.data.language) jar.set(LANGUAGE_COOKIE, parsed.data.language, attributes);
  if (parsed.data.theme) jar.set(THEME_COOKIE, parsed.data.theme, attributes);
  return new Response(null, { status: 204 });
}
