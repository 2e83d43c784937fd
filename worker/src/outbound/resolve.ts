import { type LookupAddress, lookup } from "node:dns";

/**
 * getaddrinfo(3) blocks a thread of libuv's pool, which has four and serves the file system too; names that a stranger
 * chose may take two of them.
 */
const MOST_LOOKUPS = 2;
/** Names that may wait for a thread; more are turned away. */
const MOST_WAITING = 256;

let running = 0;
const waiting: (() => void)[] = [];

/** All addresses of a name, as the machine's own settings (hosts(5), nsswitch.conf(5), resolv.conf(5)) have them. */
export async function resolveName(name: string): Promise<LookupAddress[]> {
  if (running >= MOST_LOOKUPS) {
    if (waiting.length >= MOST_WAITING) throw new Error("Too many names are being looked up.");
    await new Promise<void>((resolve) => waiting.push(resolve));
  } else {
    running += 1;
  }
  try {
    return await new Promise((resolve, reject) => {
      lookup(name, { all: true, verbatim: true }, (error, addresses) => {
        if (error) reject(error);
        else resolve(addresses);
      });
    });
  } finally {
    const next = waiting.shift();
    if (next) next();
    else running -= 1;
  }
}
