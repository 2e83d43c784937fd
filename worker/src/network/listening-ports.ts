import { readFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { MAX_REPORTED_PORTS } from "@slipway/protocol";

/** A TCP port that something listens on. */
export interface ListeningPort {
  readonly port: number;
  /** Listens on a loopback address only: nothing outside of the network namespace reaches it. */
  readonly loopbackOnly: boolean;
}

/** Socket state LISTEN (include/net/tcp_states.h). */
const LISTEN = "0A";
/**
 * Bytes of each table that are read, some 1,700 sockets: a look at a namespace full of sockets costs no more. The kernel
 * writes listening ones first, in no order of ports.
 */
const READ_BYTES = 256 * 1024;
/** The kernel gives a page at a time; one that lacks more than a line is the last (fs/seq_file.c). */
const CHUNK_BYTES = 4096;
const LAST_CHUNK_BYTES = CHUNK_BYTES - 512;

/**
 * The TCP ports that are listened on in the network namespace of the process `pid`, lowest first, at most
 * MAX_REPORTED_PORTS of those that READ_BYTES show. Rejects when there is no such process.
 */
export async function listeningPorts(pid: number): Promise<ListeningPort[]> {
  const [four, six] = await Promise.all([
    readTable(`/proc/${pid}/net/tcp`),
    // Missing where the kernel has no IPv6.
    readTable(`/proc/${pid}/net/tcp6`).catch(() => ""),
  ]);
  return parseListeningPorts(`${four}\n${six}`);
}

/**
 * Parses tables of /proc/net/tcp and /proc/net/tcp6 (proc(5)): per socket a line `sl local_address rem_address st …`,
 * addresses hexadecimal in words of host byte order (little-endian on all machines that Slipway runs on), then the port.
 */
export function parseListeningPorts(tables: string): ListeningPort[] {
  const ports = new Map<number, boolean>();
  for (const line of tables.split("\n")) {
    const match = /^\s*[0-9]+: ([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4}) [0-9A-F:]+ ([0-9A-F]{2}) /.exec(line);
    if (match?.[1] === undefined || match[2] === undefined || match[3] !== LISTEN) continue;
    const port = Number.parseInt(match[2], 16);
    ports.set(port, (ports.get(port) ?? true) && isLoopback(match[1]));
  }
  return [...ports]
    .map(([port, loopbackOnly]) => ({ port, loopbackOnly }))
    .sort((a, b) => a.port - b.port)
    .slice(0, MAX_REPORTED_PORTS);
}

/** 127.0.0.0/8 (its first byte is the word's last), ::1 and ::ffff:127.0.0.0/104. */
function isLoopback(address: string): boolean {
  if (address.length === 8) return address.endsWith("7F");
  if (address === "00000000000000000000000001000000") return true;
  return address.startsWith("0000000000000000FFFF0000") && address.endsWith("7F");
}

/**
 * How many TCP sockets there are in the network namespace of the process `pid`, as text (proc(5), sockstat): what listens is the
 * same while that is, but for a socket that takes another one's place. A look at it costs a hundredth of one at the tables, for
 * which the kernel goes through the sockets of the whole machine. "0 0" where there are none. Throws when there is no such process.
 */
export function socketCounts(pid: number): string {
  const four = readFileSync(`/proc/${pid}/net/sockstat`, "latin1");
  const six = readOptional(`/proc/${pid}/net/sockstat6`);
  const count = (text: string) => /^TCP6?: inuse ([0-9]+)/m.exec(text)?.[1] ?? "0";
  return `${count(four)} ${count(six)}`;
}

function readOptional(file: string): string {
  try {
    return readFileSync(file, "latin1");
  } catch {
    return ""; // a kernel without IPv6
  }
}

/** Not synchronous: see socketCounts. */
async function readTable(file: string): Promise<string> {
  const handle = await open(file);
  try {
    const chunks: Buffer[] = [];
    for (let length = 0; length < READ_BYTES; ) {
      const { buffer, bytesRead } = await handle.read({ buffer: Buffer.allocUnsafe(CHUNK_BYTES) });
      chunks.push(buffer.subarray(0, bytesRead));
      length += bytesRead;
      // A read that finds the end goes through all sockets once more.
      if (bytesRead < LAST_CHUNK_BYTES) break;
    }
    return Buffer.concat(chunks).toString("latin1", 0, READ_BYTES);
  } finally {
    await handle.close();
  }
}
