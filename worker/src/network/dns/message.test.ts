import { type Answer, decode, encode, type Packet } from "dns-packet";
import { describe, expect, test } from "vitest";
import { addressesIn, filterReply } from "./answer-filter.ts";
import { type Ask, encodeReply, parseAsk, parseReply, plainName, RCODE } from "./message.ts";

const ask: Ask = { id: 7, name: "web.example", type: "A", wantsRecursion: true, udpBytes: null };
const query = (changes: Partial<Packet> = {}) =>
  encode({ type: "query", id: 7, questions: [{ name: "Web.Example", type: "A" }], ...changes });
const a = (data: string, name = "web.example"): Answer => ({ name, type: "A", data, ttl: 60 });
const reply = (changes: Partial<Packet> = {}) =>
  encode({
    type: "response",
    id: 7,
    questions: [{ name: "web.example", type: "A" }],
    answers: [a("192.0.2.1")],
    ...changes,
  });

describe("a question", () => {
  test("is read in any case of letters", () => {
    expect(parseAsk(query())).toEqual({
      ask: { id: 7, name: "web.example", type: "A", wantsRecursion: false, udpBytes: null },
    });
  });

  test.each([
    [
      "two questions",
      query({
        questions: [
          { name: "a.example", type: "A" },
          { name: "b.example", type: "A" },
        ],
      }),
    ],
    ["none", query({ questions: [] })],
    ["answers in it", query({ answers: [a("192.0.2.1")] })],
    ["a name with other bytes", query({ questions: [{ name: "a\u0000b.example", type: "A" }] })],
    ["another class", query({ questions: [{ name: "version.bind", type: "TXT", class: "CH" }] })],
    [
      "counts that promise more than there is",
      Buffer.concat([Buffer.from([0, 7, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff])]),
    ],
    ["a name that points to itself", Buffer.from([0, 7, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0xc0, 12, 0, 1, 0, 1])],
    ["a name that is cut", query().subarray(0, 20)],
    ["too many bytes", Buffer.concat([query(), Buffer.alloc(2_000)])],
  ])("with %s is answered as one with a mistake", (_, message) => {
    const parsed = parseAsk(message);
    const refusal = parsed && "refusal" in parsed ? parsed.refusal : Buffer.alloc(0);
    expect(refusal.readUInt16BE(0)).toBe(7);
    expect(refusal.readUInt16BE(2) & 0xf).toBe(RCODE.formatError);
  });

  test.each([
    ["an answer", reply()],
    ["less than a header", Buffer.from([0, 7, 0])],
    ["nothing", Buffer.alloc(0)],
  ])("that is %s gets none", (_, message) => {
    expect(parseAsk(message)).toBeNull();
  });
});

describe("an answer from outside", () => {
  test("is taken for its own question only", () => {
    expect(parseReply(reply(), ask)?.answers).toHaveLength(1);
    expect(parseReply(reply({ id: 8 }), ask)).toBeNull();
    expect(parseReply(reply({ questions: [{ name: "other.example", type: "A" }] }), ask)).toBeNull();
    expect(parseReply(reply({ questions: [{ name: "web.example", type: "MX" }] }), ask)).toBeNull();
    expect(parseReply(query(), ask)).toBeNull();
    expect(parseReply(reply().subarray(0, 30), ask)).toBeNull();
  });

  test("with thousands of records is not read", () => {
    const answers = Array.from({ length: 300 }, (_, index) => a(`192.0.2.${index % 250}`));
    expect(parseReply(reply({ answers }), ask)).toBeNull();
  });

  test("loses refused addresses, IPv6, hints and names that are none, and keeps the rest", () => {
    const answers: Answer[] = [
      a("10.0.0.1"),
      a("192.0.2.1"),
      { name: "web.example", type: "AAAA", data: "fd00::1" },
      { name: "web.example", type: "CNAME", data: "real.example" },
      { name: "web.example", type: "CNAME", data: "re\u0007al.example" },
      { name: "web.example", type: "TXT", data: "text" },
    ];
    const filtered = filterReply({ rcode: 0, answers }, (address) => address.startsWith("192."));
    expect(filtered.answers.map(({ type }) => type)).toEqual(["A", "CNAME", "TXT"]);
    expect([...addressesIn(filtered)]).toEqual([["192.0.2.1", 60]]);
  });
});

describe("a reply", () => {
  const answers = Array.from({ length: 100 }, (_, index) => a(`192.0.2.${index}`));

  test("that is too large for UDP says so, and over TCP is whole", () => {
    const short = decode(encodeReply(ask, { rcode: 0, answers }, "udp"));
    expect(short.flag_tc).toBe(true);
    expect(short.answers).toEqual([]);
    expect(decode(encodeReply(ask, { rcode: 0, answers }, "tcp")).answers).toHaveLength(100);
  });

  test("grows with what the asker takes, up to what is not fragmented", () => {
    const twenty = answers.slice(0, 20);
    expect(decode(encodeReply(ask, { rcode: 0, answers: twenty }, "udp")).flag_tc).toBe(true);
    const edns = { ...ask, udpBytes: 65_535 };
    expect(decode(encodeReply(edns, { rcode: 0, answers: twenty }, "udp")).answers).toHaveLength(20);
    expect(decode(encodeReply(edns, { rcode: 0, answers }, "udp")).flag_tc).toBe(true);
  });
});

test.each([
  ["Web.Example.", null],
  ["Web.Example", "web.example"],
  [".", ""],
  ["_srv._tcp.example", "_srv._tcp.example"],
  ["a..b", null],
  ["é.example", null],
  [`${"a".repeat(64)}.example`, null],
  [`${"abcdefgh.".repeat(31)}example`, null],
])("takes %j for the name %j", (name, plain) => {
  expect(plainName(name)).toBe(plain);
});
