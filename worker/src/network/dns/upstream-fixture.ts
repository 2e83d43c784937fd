import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createServer } from "node:net";
import { type Answer, decode, encode, type Packet } from "dns-packet";
import type { Nameserver } from "./upstream.ts";

/** What a nameserver of a test says to a question; null is nothing at all. */
export type Say = (name: string, type: string) => Partial<Packet> | null;

export interface FakeUpstream {
  readonly nameserver: Nameserver;
  /** Names that were asked, `name type`. */
  readonly asked: string[];
  say: Say;
  /** Sent over UDP before each right answer. */
  forge: (right: Packet) => Packet[];
  close(): void;
}

export const address = (name: string, data: string, ttl = 60): Answer => ({ name, type: "A", data, ttl });

/** A nameserver on this machine's loopback that says what a test wants it to, over UDP and TCP. */
export async function openUpstream(say: Say): Promise<FakeUpstream> {
  const udp = createSocket("udp4");
  udp.bind(0, "127.0.0.1");
  await once(udp, "listening");
  const { port } = udp.address();
  const upstream: FakeUpstream = {
    nameserver: { address: "127.0.0.1", port },
    asked: [],
    say,
    forge: () => [],
    close: () => {
      udp.close();
      tcp.close();
    },
  };
  const answer = (message: Buffer): Packet | null => {
    const query = decode(message);
    const question = query.questions?.[0];
    if (!question) return null;
    upstream.asked.push(`${question.name} ${question.type}`);
    const said = upstream.say(question.name, question.type);
    return said && { type: "response", id: query.id ?? 0, questions: [question], ...said };
  };
  udp.on("message", (message, from) => {
    const right = answer(message);
    if (right === null) return;
    for (const each of [...upstream.forge(right), right]) {
      const encoded = encode(each);
      udp.send(
        encoded.length <= 1232 ? encoded : encode({ ...each, answers: [], flags: 1 << 9 }),
        from.port,
        from.address,
      );
    }
  });
  const tcp = createServer((socket) => {
    socket.on("error", () => {});
    socket.on("data", (data: Buffer) => {
      const right = answer(data.subarray(2));
      if (right === null) return;
      const encoded = encode(right);
      const length = Buffer.alloc(2);
      length.writeUInt16BE(encoded.length);
      socket.end(Buffer.concat([length, encoded]));
    });
  });
  tcp.listen(port, "127.0.0.1");
  await once(tcp, "listening");
  return upstream;
}
