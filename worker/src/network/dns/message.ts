import {
  type Answer,
  decode,
  encode,
  type Packet,
  type Question,
  RECURSION_AVAILABLE,
  RECURSION_DESIRED,
  TRUNCATED_RESPONSE,
} from "dns-packet";

/** RFC 1035, 4.1.1. */
export const RCODE = { ok: 0, formatError: 1, serverFailure: 2, nameError: 3, notImplemented: 4 } as const;
const RCODE_MASK = 0x000f;
const RESPONSE_FLAG = 0x8000;
const OPCODE_MASK = 0x7800;
const HEADER_BYTES = 12;
/** RFC 1035, 4.2.1: what an asker takes over UDP that says nothing else. */
const LEAST_UDP_BYTES = 512;
/** What goes over UDP at most, so that nothing is fragmented (DNS flag day 2020). */
export const MOST_UDP_BYTES = 1_232;
/** Largest question that is read; a name has 255 bytes at most, the rest is for EDNS. */
export const MAX_QUESTION_BYTES = 1_024;
/** Most bytes and records of an answer from outside that are read. */
export const MAX_ANSWER_BYTES = 16 * 1024;
const MAX_RECORDS = 256;

/** One question of a session, or of this resolver to another. */
export interface Ask {
  readonly id: number;
  /** In lower case, without the last dot. */
  readonly name: string;
  /** As dns-packet calls it: `A`, `MX`, `UNKNOWN_65`. */
  readonly type: string;
  readonly wantsRecursion: boolean;
  /** Null where the asker does not speak EDNS (RFC 6891). */
  readonly udpBytes: number | null;
}

export interface Reply {
  readonly rcode: number;
  readonly answers: readonly Answer[];
  readonly authorities?: readonly Answer[];
}

/** What a question is good for: an answer, a refusal that can be said, or nothing. */
export type Parsed = { readonly ask: Ask } | { readonly refusal: Buffer } | null;

/** Parses a question of a session. Whatever is odd about it is answered with an error, and what is no question not at all. */
export function parseAsk(message: Buffer): Parsed {
  if (message.length < HEADER_BYTES || (message.readUInt16BE(2) & RESPONSE_FLAG) !== 0) return null;
  if ((message.readUInt16BE(2) & OPCODE_MASK) !== 0) return { refusal: error(message, RCODE.notImplemented) };
  const [questions, answers, authorities, additionals] = counts(message);
  const isPlain = questions === 1 && answers === 0 && authorities === 0 && additionals <= 2;
  const parsed = isPlain && message.length <= MAX_QUESTION_BYTES ? tryDecode(message) : null;
  const question = parsed?.questions?.[0];
  const name = question && plainName(question.name);
  if (!parsed || !question || name == null || question.class !== "IN") {
    return { refusal: error(message, RCODE.formatError) };
  }
  const edns = parsed.additionals?.find((record) => record.type === "OPT");
  const ask = {
    id: parsed.id ?? 0,
    name,
    type: question.type,
    wantsRecursion: ((parsed.flags ?? 0) & RECURSION_DESIRED) !== 0,
    udpBytes: edns?.type === "OPT" ? edns.udpPayloadSize : null,
  };
  return { ask };
}

/** The answer to a question, cut to its header and marked so when it is larger than the way there takes. */
export function encodeReply(ask: Ask, reply: Reply, transport: "udp" | "tcp"): Buffer {
  const edns = ask.udpBytes === null ? [] : [optRecord()];
  const flags = RECURSION_AVAILABLE | (ask.wantsRecursion ? RECURSION_DESIRED : 0) | reply.rcode;
  const common: Packet = {
    type: "response",
    id: ask.id,
    questions: [questionOf(ask)],
    additionals: edns,
  };
  const whole = encode({
    ...common,
    flags,
    answers: [...reply.answers],
    authorities: [...(reply.authorities ?? [])],
  });
  const room =
    transport === "tcp" ? 65_535 : Math.min(Math.max(ask.udpBytes ?? 0, LEAST_UDP_BYTES), MOST_UDP_BYTES);
  return whole.length <= room ? whole : encode({ ...common, flags: flags | TRUNCATED_RESPONSE });
}

export function encodeAsk(ask: Ask): Buffer {
  return encode({
    type: "query",
    id: ask.id,
    flags: RECURSION_DESIRED,
    questions: [questionOf(ask)],
    additionals: [optRecord()],
  });
}

/** Parses what claims to be the answer to `ask`; null when it is not: another id, another question, no message at all. */
export function parseReply(message: Buffer, ask: Ask): (Reply & { readonly truncated: boolean }) | null {
  if (message.length < HEADER_BYTES || message.length > MAX_ANSWER_BYTES) return null;
  const flags = message.readUInt16BE(2);
  if (message.readUInt16BE(0) !== ask.id || (flags & RESPONSE_FLAG) === 0) return null;
  const [questions, ...records] = counts(message);
  if (questions !== 1 || records.reduce((sum, count) => sum + count, 0) > MAX_RECORDS) return null;
  const parsed = tryDecode(message);
  const question = parsed?.questions?.[0];
  if (!parsed || !question || question.type !== ask.type || plainName(question.name) !== ask.name)
    return null;
  return {
    rcode: flags & RCODE_MASK,
    truncated: (flags & TRUNCATED_RESPONSE) !== 0,
    answers: parsed.answers ?? [],
    authorities: parsed.authorities ?? [],
  };
}

/**
 * A name in lower case without its last dot, or null when it holds anything but letters, digits, `-`, `_` and `*`: a label
 * can hold any byte (RFC 2181, 11), but such names can't be told apart once they are text.
 */
export function plainName(name: string): string | null {
  const plain = name === "." ? "" : name.toLowerCase();
  return plain === "" || /^(?!.{254})[a-z0-9_*-]{1,63}(\.[a-z0-9_*-]{1,63})*$/.test(plain) ? plain : null;
}

function tryDecode(message: Buffer): Packet | null {
  try {
    return decode(message);
  } catch {
    return null;
  }
}

const counts = (message: Buffer): [number, number, number, number] => [
  message.readUInt16BE(4),
  message.readUInt16BE(6),
  message.readUInt16BE(8),
  message.readUInt16BE(10),
];

/** An error says nothing but the id of the question. */
function error(message: Buffer, rcode: number): Buffer {
  const answer = Buffer.alloc(HEADER_BYTES);
  answer.writeUInt16BE(message.readUInt16BE(0), 0);
  answer.writeUInt16BE(RESPONSE_FLAG | rcode, 2);
  return answer;
}

/** The types of dns-packet know fewer record types than it reads and writes. */
const questionOf = ({ name, type }: Ask): Question =>
  ({ name: name === "" ? "." : name, type, class: "IN" }) as Question;

const optRecord = (): Answer => ({
  type: "OPT",
  name: ".",
  udpPayloadSize: MOST_UDP_BYTES,
  extendedRcode: 0,
  ednsVersion: 0,
  flags: 0,
  flag_do: false,
  options: [],
});
