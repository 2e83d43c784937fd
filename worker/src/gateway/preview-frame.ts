import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { isPartitioned, partitioned } from "./preview-headers.ts";
import { isOfSession, isOwnPage, type PreviewName, type PreviewSite } from "./preview-name.ts";

/**
 * Where the answer to a request is to be shown. Slipway's own page may frame a preview, as pages of the same session may; nobody
 * else, and an app that wants no frames around it gets none.
 */
export class PreviewFrame {
  readonly #publicOrigin: string;
  readonly #ancestors: readonly string[];
  readonly #isPartitioned: boolean;
  readonly #isInPane: boolean;

  /** `request`: as the browser sent it. */
  constructor({ headers }: IncomingMessage, name: PreviewName, site: PreviewSite, publicUrl: string) {
    const { referer = "", host = "" } = headers;
    this.#publicOrigin = new URL(publicUrl).origin;
    const asking = isOfSession(referer, name, site) ? [new URL(referer).origin] : [];
    this.#ancestors = [...new Set(["'self'", this.#publicOrigin, ...asking])];
    this.#isPartitioned = isPartitioned(headers.cookie);
    this.#isInPane =
      headers["sec-fetch-dest"] === "iframe" && (this.#isPartitioned || isOwnPage(referer, host));
  }

  /** True when the answer is for a frame in Slipway's own page, and forbids it. */
  isRefusedBy(answer: IncomingHttpHeaders): boolean {
    if (!this.#isInPane) return false;
    const wishes = framePolicies(answer);
    if (wishes.length === 0) return frameOption(answer) !== null;
    return wishes.some((sources) => !sources.some((source) => isMatch(source, this.#publicOrigin)));
  }

  /**
   * Adds who may frame it to a container's answer. What the app says holds besides. Its `X-Frame-Options` would be nothing beside our
   * policy (CSP level 3, section 7.7.2), so the policy says that instead.
   */
  applyTo(answer: IncomingHttpHeaders): void {
    const option = framePolicies(answer).length === 0 ? frameOption(answer) : null;
    const rule = `frame-ancestors ${option ?? this.#ancestors.join(" ")}`;
    answer["content-security-policy"] = [answer["content-security-policy"] ?? [], rule].flat();
    const cookies = answer["set-cookie"];
    if (this.#isPartitioned && cookies !== undefined) answer["set-cookie"] = partitioned(cookies);
  }
}

/** The sources of each policy that says who may frame a page. */
function framePolicies(answer: IncomingHttpHeaders): string[][] {
  const policies = [answer["content-security-policy"] ?? []].flat().join(",").split(",");
  return policies.flatMap((policy) => {
    const directives = policy.split(";").map((directive) => directive.trim().split(/\s+/));
    const ancestors = directives.find(([name]) => name?.toLowerCase() === "frame-ancestors");
    return ancestors === undefined ? [] : [ancestors.slice(1)];
  });
}

/** What `X-Frame-Options` means as a source (HTML standard, section 7.6); what it does not know means nothing. */
function frameOption(answer: IncomingHttpHeaders): "'none'" | "'self'" | null {
  const options = [answer["x-frame-options"] ?? []].flat().join(",").toLowerCase().split(",");
  const known = new Set(options.map((option) => option.trim()));
  if (known.has("deny")) return "'none'";
  return known.has("sameorigin") ? "'self'" : null;
}

/** True when a source of a policy means this origin (CSP level 3, section 6.7.2.8). */
function isMatch(source: string, origin: string): boolean {
  if (source === "*") return true;
  const { protocol, hostname, port } = new URL(origin);
  const isScheme = (scheme: string) => protocol === scheme || (protocol === "https:" && scheme === "http:");
  if (/^[a-z][a-z\d+.-]*:$/i.test(source)) return isScheme(source.toLowerCase());
  const parts = /^(?:([a-z][a-z\d+.-]*:)\/\/)?(\*\.)?([^/:*]+)(?::(\d+|\*))?(?:\/.*)?$/i.exec(source);
  if (parts === null) return false;
  const [, scheme, anyBelow, host = "", wanted = ""] = parts.map((part) => part?.toLowerCase());
  if (scheme !== undefined && !isScheme(scheme)) return false;
  const usual = protocol === "https:" ? "443" : "80";
  if (wanted !== "*" && (wanted || usual) !== (port || usual)) return false;
  return anyBelow === undefined ? hostname === host : hostname.endsWith(`.${host}`);
}
