/** Longest way back that is taken along, characters. */
const MOST_CHARACTERS = 2_048;
/** Nothing of ours; a path that leaves it is no path. */
const BASE = "http://slipway.invalid";

/** The path and query in `to`, or "/" for whatever could lead to another host. */
export function localPath(to: string | null): string {
  if (to === null || to.length > MOST_CHARACTERS || !to.startsWith("/") || !URL.canParse(to, BASE))
    return "/";
  const { origin, pathname, search, hash } = new URL(to, BASE);
  // Browsers take two slashes, and a backslash for a slash, at the start of a location for a host (URL standard, section 4.4).
  return origin === BASE && !pathname.startsWith("//") ? `${pathname}${search}${hash}` : "/";
}
