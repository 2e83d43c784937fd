/** The page that somebody came from, or the start page for whatever leads to another place. */
export function wayBack(query: string, origin: string): string {
  const to = new URLSearchParams(query).get("to");
  if (to === null || !to.startsWith("/") || !URL.canParse(to, origin)) return "/";
  const url = new URL(to, origin);
  return url.origin === origin ? `${url.pathname}${url.search}${url.hash}` : "/";
}
