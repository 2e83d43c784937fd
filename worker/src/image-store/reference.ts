import { SlipwayError } from "@slipway/protocol";

const DEFAULT_DOMAIN = "docker.io";
const MAX_REFERENCE_CHARACTERS = 255;
const DOMAIN = /^(?:localhost|[a-zA-Z0-9-]+(?:\.[a-zA-Z0-9-]+)+|[a-zA-Z0-9-]+(?=:))(?::[0-9]+)?$/;
const REPOSITORY = /^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*$/;
const TAG = /^[\w][\w.-]{0,127}$/;
const DIGEST = /^sha256:[a-f0-9]{64}$/;

/** A name as people write it (`node`), in its parts and in full. */
export interface Reference {
  /** `docker.io` */
  readonly domain: string;
  /** `library/node` */
  readonly repository: string;
  readonly tag: string | null;
  readonly digest: string | null;
  /** `docker.io/library/node:latest` */
  readonly full: string;
  /** As Docker shows it: `node:latest`. */
  readonly familiar: string;
}

/**
 * Normalises a reference as Docker does (github.com/distribution/reference, normalize.go): the domain is docker.io, its
 * bare names are in `library/`, the tag is `latest`. Throws `request-invalid` for what is no reference.
 */
export function parseReference(text: string): Reference {
  const { name, tag, digest } = split(text);
  const slash = name.indexOf("/");
  const first = slash < 0 ? "" : name.slice(0, slash);
  const hasDomain =
    first !== "" && (/[.:]/.test(first) || first === "localhost" || first !== first.toLowerCase());
  const written = hasDomain ? first : DEFAULT_DOMAIN;
  const domain = written === "index.docker.io" ? DEFAULT_DOMAIN : written;
  const rest = hasDomain ? name.slice(slash + 1) : name;
  const repository = domain === DEFAULT_DOMAIN && !rest.includes("/") ? `library/${rest}` : rest;
  const good =
    text.length <= MAX_REFERENCE_CHARACTERS &&
    DOMAIN.test(domain) &&
    REPOSITORY.test(repository) &&
    (tag === null || TAG.test(tag)) &&
    (digest === null || DIGEST.test(digest));
  if (!good) throw invalid(text);
  const suffix = `${tag === null && digest === null ? ":latest" : tag === null ? "" : `:${tag}`}${digest === null ? "" : `@${digest}`}`;
  const short = domain === DEFAULT_DOMAIN ? repository.replace(/^library\//, "") : `${domain}/${repository}`;
  return {
    domain,
    repository,
    tag: tag ?? (digest === null ? "latest" : null),
    digest,
    full: `${domain}/${repository}${suffix}`,
    familiar: `${short}${suffix}`,
  };
}

function split(text: string): { name: string; tag: string | null; digest: string | null } {
  const at = text.indexOf("@");
  const digest = at < 0 ? null : text.slice(at + 1);
  const rest = at < 0 ? text : text.slice(0, at);
  const colon = rest.indexOf(":", rest.lastIndexOf("/") + 1);
  return {
    name: colon < 0 ? rest : rest.slice(0, colon),
    tag: colon < 0 ? null : rest.slice(colon + 1),
    digest,
  };
}

function invalid(text: string): SlipwayError {
  const shown = text.slice(0, 200);
  return new SlipwayError("request-invalid", `"${shown}" is not the name of an image.`, {
    params: { name: shown },
  });
}
