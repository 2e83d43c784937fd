/** Languages of the page, equals. The first one only decides where a browser asks for neither. */
export const LANGUAGES = ["en", "ko"] as const;
export type Language = (typeof LANGUAGES)[number];

/** Remembers a language that someone chose. */
export const LANGUAGE_COOKIE = "slipway-language";

const isLanguage = (value: string): value is Language => (LANGUAGES as readonly string[]).includes(value);

/** `ko-KR;q=0.8` as a language of ours and its weight (RFC 9110 section 12.4.2), or null. */
function parseRange(range: string): { language: Language; weight: number } | null {
  const [tag = "", ...parameters] = range.split(";").map((part) => part.trim().toLowerCase());
  const primary = tag.split("-")[0] ?? "";
  if (!isLanguage(primary)) return null;
  const quality = parameters.find((parameter) => parameter.startsWith("q="));
  const weight = quality === undefined ? 1 : Number(quality.slice(2));
  return Number.isFinite(weight) && weight > 0 ? { language: primary, weight } : null;
}

/** The language to answer in: the chosen one, else the one that `Accept-Language` (RFC 9110 section 12.5.4) likes best. */
export function negotiateLanguage(chosen: string | undefined, acceptLanguage: string | null): Language {
  if (chosen !== undefined && isLanguage(chosen)) return chosen;
  const ranges = (acceptLanguage ?? "")
    .split(",")
    .map(parseRange)
    .filter((range) => range !== null);
  const best = ranges.reduce<{ language: Language; weight: number } | null>(
    (kept, range) => (kept === null || range.weight > kept.weight ? range : kept),
    null,
  );
  return best?.language ?? LANGUAGES[0];
}
