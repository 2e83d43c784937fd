import type { Answer } from "dns-packet";
import { addressesIn, FORWARDED_TYPES, filterReply } from "./answer-filter.ts";
import { type Ask, encodeReply, parseAsk, RCODE, type Reply } from "./message.ts";
import type { NamedSession } from "./named-session.ts";
import type { HostPatterns } from "./package-hosts.ts";
import type { Upstream } from "./upstream.ts";

/** A domain whose names are those of the session: `web` is also `web.slipway.internal`. */
const OWN_DOMAIN = "slipway.internal";
/** Of names of the session, seconds: containers come and go. */
const OWN_TTL = 5;
const REVERSE = ".in-addr.arpa";
/** What programs resolve although every hosts file has it (RFC 6761, 6.3). */
const LOCALHOST = "localhost";

/** Questions of one session that are worked on at once, forwarded ones and others. */
const MAX_AT_ONCE = 64;

export interface ResolverParts {
  readonly upstream: Upstream;
  /** Whether sessions may be told of an address. */
  readonly permits: (address: string) => boolean;
  /** Names that sessions with packages-only may resolve. */
  readonly packageHosts: HostPatterns;
  /** Lets those sessions reach addresses, for as long as their answer is good, seconds. Rejects when it can't. */
  readonly openPackages: (addresses: ReadonlyMap<string, number>) => Promise<void>;
}

const NOTHING: Reply = { rcode: RCODE.ok, answers: [] };
const NO_SUCH_NAME: Reply = { rcode: RCODE.nameError, answers: [] };
const FAILURE: Reply = { rcode: RCODE.serverFailure, answers: [] };

/** Answers the questions of all sessions, each from its own names first and then as its policy allows. */
export class Resolver {
  readonly #parts: ResolverParts;
  readonly #atOnce = new Map<string, number>();

  constructor(parts: ResolverParts) {
    this.#parts = parts;
  }

  /** The answer to a message; null when none is due: it is no question, or too many of the session are worked on. */
  async answer(session: NamedSession, message: Buffer, transport: "udp" | "tcp"): Promise<Buffer | null> {
    const parsed = parseAsk(message);
    if (parsed === null) return null;
    if ("refusal" in parsed) return parsed.refusal;
    const { ask } = parsed;
    const own = ownAnswer(session, ask);
    if (own) return encodeReply(ask, own, transport);
    const before = this.#atOnce.get(session.name) ?? 0;
    if (before >= MAX_AT_ONCE) return null;
    this.#atOnce.set(session.name, before + 1);
    try {
      return encodeReply(ask, await this.#outside(session, ask), transport);
    } catch {
      return encodeReply(ask, FAILURE, transport);
    } finally {
      if (before === 0 && this.#atOnce.get(session.name) === 1) this.#atOnce.delete(session.name);
      else this.#atOnce.set(session.name, (this.#atOnce.get(session.name) ?? 1) - 1);
    }
  }

  async #outside(session: NamedSession, ask: Ask): Promise<Reply> {
    const { upstream, permits, packageHosts, openPackages } = this.#parts;
    const forPackages = session.egress === "packages-only";
    if (session.egress === "none" || (forPackages && !packageHosts.match(ask.name))) return NO_SUCH_NAME;
    const reversed = addressOf(ask.name);
    if (reversed !== null && !permits(reversed)) return NO_SUCH_NAME;
    if (!FORWARDED_TYPES.has(ask.type)) return NOTHING;
    const found = await upstream.ask(session.name, ask);
    if (found === null) return FAILURE;
    const reply = filterReply(found, permits);
    if (forPackages) await openPackages(addressesIn(reply));
    return reply;
  }
}

/** What the session itself knows; null for names that are outside of it. */
function ownAnswer(session: NamedSession, { name, type }: Ask): Reply | null {
  if (name === LOCALHOST || name.endsWith(`.${LOCALHOST}`)) return localhost(name, type);
  const isOwn = name === OWN_DOMAIN || name.endsWith(`.${OWN_DOMAIN}`);
  const plain = isOwn ? name.slice(0, -OWN_DOMAIN.length - 1) : name;
  const addresses = session.addressesOf(plain);
  if (addresses.length > 0) {
    if (type !== "A") return NOTHING;
    return { rcode: RCODE.ok, answers: addresses.map((data) => record(name, "A", data)) };
  }
  const reversed = addressOf(name);
  const found = reversed === null ? null : session.nameOf(reversed);
  if (found !== null) {
    const answers = type === "PTR" ? [record(name, "PTR", `${found}.${OWN_DOMAIN}`)] : [];
    return { rcode: RCODE.ok, answers };
  }
  // A name without a dot is nobody's outside: the host's own domain is not the session's.
  if (isOwn || !name.includes(".") || name.endsWith(".ip6.arpa")) return NO_SUCH_NAME;
  return null;
}

function localhost(name: string, type: string): Reply {
  if (type === "A") return { rcode: RCODE.ok, answers: [record(name, "A", "127.0.0.1")] };
  if (type === "AAAA") return { rcode: RCODE.ok, answers: [record(name, "AAAA", "::1")] };
  return NOTHING;
}

const record = (name: string, type: "A" | "AAAA" | "PTR", data: string): Answer => ({
  name,
  type,
  data,
  ttl: OWN_TTL,
  class: "IN",
});

/** The IPv4 address whose name is asked for (RFC 1035, 3.5). */
function addressOf(name: string): string | null {
  if (!name.endsWith(REVERSE)) return null;
  const parts = name.slice(0, -REVERSE.length).split(".");
  const valid = parts.length === 4 && parts.every((part) => /^[0-9]{1,3}$/.test(part) && Number(part) < 256);
  return valid ? parts.reverse().join(".") : null;
}
