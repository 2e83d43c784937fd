import { SlipwayError } from "@slipway/protocol";

const DEFAULT_DOMAIN = "docker.io";
const LEGACY_DOMAIN = "index.docker.io";
const OFFICIAL = "library/";
/** Of the repository; RepositoryNameTotalLengthMax of distribution/reference. */
const MAX_REPOSITORY_CHARACTERS = 255;
/** Of a whole reference. Docker has no bound of its own for a domain; a DNS name has 253. */
const MAX_REFERENCE_CHARACTERS = 512;

// The grammar of distribution/reference, regexp.go.
const COMPONENT = "[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?";
const DOMAIN = new RegExp(`^(?:${COMPONENT}(?:\\.${COMPONENT})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?$`);
const PART = "[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*";
const REPOSITORY = new RegExp(`^${PART}(?:/${PART})*$`);
const TAG = /^\w[\w.-]{0,127}$/;
const DIGEST = /^sha256:[a-f0-9]{64}$/;
/** What could be an image id as well. */
const IDENTIFIER = /^[a-f0-9]{64}$/;

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
 * bare names are in `library/`, the tag is `latest`. Digests are of SHA-256. Throws `request-invalid` for what is no
 * reference.
 */
export function parseReference(text: string): Reference {
  if (text.length > MAX_REFERENCE_CHARACTERS || IDENTIFIER.test(text)) throw invalid(text);
  const { name, tag, digest } = split(text);
  const { domain, repository } = splitDomain(name);
  const good =
    repository.length <= MAX_REPOSITORY_CHARACTERS &&
    DOMAIN.test(domain) &&
    REPOSITORY.test(repository) &&
    (tag === null || TAG.test(tag)) &&
    (digest === null || DIGEST.test(digest));
  if (!good) throw invalid(text);
  const shownTag = tag ?? (digest === null ? "latest" : null);
  const suffix = `${shownTag === null ? "" : `:${shownTag}`}${digest === null ? "" : `@${digest}`}`;
  return {
    domain,
    repository,
    tag: shownTag,
    digest,
    full: `${domain}/${repository}${suffix}`,
    familiar: `${familiarName(domain, repository)}${suffix}`,
  };
}

/** The first part is a domain where it can't be part of a repository's name: it has `.`, `:` or capitals, or is localhost. */
function splitDomain(name: string): { domain: string; repository: string } {
  const slash = name.indexOf("/");
  const first = slash < 0 ? "" : name.slice(0, slash);
  const isDomain =
    first !== "" && (/[.:]/.test(first) || first === "localhost" || first !== first.toLowerCase());
  const domain = !isDomain || first === LEGACY_DOMAIN ? DEFAULT_DOMAIN : first;
  const rest = isDomain ? name.slice(slash + 1) : name;
  const isOfficial = domain === DEFAULT_DOMAIN && !rest.includes("/");
  return { domain, repository: isOfficial ? `${OFFICIAL}${rest}` : rest };
}

function familiarName(domain: string, repository: string): string {
  if (domain !== DEFAULT_DOMAIN) return `${domain}/${repository}`;
  const bare = repository.startsWith(OFFICIAL) ? repository.slice(OFFICIAL.length) : repository;
  return bare.includes("/") ? repository : bare;
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
