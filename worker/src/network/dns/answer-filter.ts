import type { Answer } from "dns-packet";
import { plainName, type Reply } from "./message.ts";

/**
 * Types that are asked outside and passed on. Not AAAA, since IPv6 passes nowhere, and not HTTPS and SVCB, which carry
 * addresses as hints (RFC 9460): whoever asks for these hears that the name has none.
 */
export const FORWARDED_TYPES: ReadonlySet<string> = new Set([
  "A",
  "CAA",
  "CNAME",
  "DNAME",
  "DNSKEY",
  "DS",
  "MX",
  "NAPTR",
  "NS",
  "PTR",
  "SOA",
  "SRV",
  "TXT",
]);

/**
 * What of an answer from outside is passed on: records of the known types, with names that are plain, and no address that a
 * session must not reach. A name that is in a stranger's hands could otherwise lead to one, for a browser or a program
 * that trusts names (DNS rebinding).
 */
export function filterReply(reply: Reply, permits: (address: string) => boolean): Reply {
  const passes = (record: Answer): boolean => {
    if (!FORWARDED_TYPES.has(record.type) || plainName(record.name) === null) return false;
    if (!("data" in record) || ("class" in record && record.class !== "IN")) return false;
    switch (record.type) {
      case "A":
        return permits(record.data);
      case "CNAME":
      case "DNAME":
      case "NS":
      case "PTR":
        return plainName(record.data) !== null;
      case "MX":
        return plainName(record.data.exchange) !== null;
      case "SRV":
        return plainName(record.data.target) !== null;
      case "SOA":
        return plainName(record.data.mname) !== null;
      default:
        return true;
    }
  };
  return {
    rcode: reply.rcode,
    answers: reply.answers.filter(passes),
    authorities: (reply.authorities ?? []).filter((record) => record.type === "SOA" && passes(record)),
  };
}

/** IPv4 addresses of an answer, each with its time to live, seconds. */
export function addressesIn(reply: Reply): Map<string, number> {
  const found = new Map<string, number>();
  for (const record of reply.answers) if (record.type === "A") found.set(record.data, record.ttl ?? 0);
  return found;
}
