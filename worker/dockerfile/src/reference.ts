const HOST =
  /^(?:(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])(?:\.(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9]))*|\[[0-9a-fA-F:]+\])(?::\d+)?$/;
const PART = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;
const TAG = /^\w[\w.-]{0,127}$/;
const DIGEST = /^[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}$/;
const ONLY_HEX = /^[a-f0-9]{64}$/;
/** Longest name, domain included (github.com/distribution/reference). */
const MAX_NAME_CHARACTERS = 255;
/** Longest reference that is looked at. */
const MAX_CHARACTERS = 1024;

/** True where the text has the form of an image's name: `[host/]path[:tag][@digest]` (reference.ParseNormalizedNamed). */
export function isImageReference(text: string): boolean {
  if (text.length > MAX_CHARACTERS || ONLY_HEX.test(text)) return false;
  const at = text.indexOf("@");
  if (at >= 0 && !DIGEST.test(text.slice(at + 1))) return false;
  const named = at < 0 ? text : text.slice(0, at);
  const colon = named.lastIndexOf(":");
  const hasTag = colon > named.lastIndexOf("/");
  if (hasTag && !TAG.test(named.slice(colon + 1))) return false;
  const name = hasTag ? named.slice(0, colon) : named;
  const slash = name.indexOf("/");
  const first = slash < 0 ? "" : name.slice(0, slash);
  const isHost = slash >= 0 && (/[.:]/.test(first) || first === "localhost" || first !== first.toLowerCase());
  if (isHost && !HOST.test(first)) return false;
  const path = isHost ? name.slice(slash + 1) : name;
  return name.length <= MAX_NAME_CHARACTERS && path.split("/").every((part) => PART.test(part));
}
