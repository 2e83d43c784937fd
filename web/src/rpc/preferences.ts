import type { Language } from "../ui/language/language.ts";
import type { Theme } from "../ui/theme/theme.ts";

/** Asks the server to remember a preference for the pages to come. One that is not remembered holds for this page only. */
export async function rememberPreference(
  preference: { readonly language: Language } | { readonly theme: Theme },
): Promise<void> {
  await fetch("/api/preferences", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(preference),
  }).catch(() => null);
}
