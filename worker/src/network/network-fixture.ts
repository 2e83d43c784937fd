import { execFile, execFileSync, spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { promisify } from "node:util";
import { decode, encode, RECURSION_DESIRED } from "dns-packet";
import { ownNumber } from "../process/test-lane-fixture.ts";
import { HostNetwork, type HostNetworkOptions } from "./host-network.ts";
import { type ContainerNetwork, type NetworkPolicy, UNLIMITED_BYTES_PER_SECOND } from "./network.ts";
import { ownPool } from "./pool-fixture.ts";
import { NAMESPACES } from "./shell.ts";

/** Pools of tests that run at the same time don't meet. */
const POOLS = "100.126.0.0/16";
let counter = 0;
let fixtures = 0;

export const INTERNET: NetworkPolicy = { egress: "internet", bytesPerSecond: UNLIMITED_BYTES_PER_SECOND };
export const NONE: NetworkPolicy = { ...INTERNET, egress: "none" };
export const PACKAGES: NetworkPolicy = { ...INTERNET, egress: "packages-only" };

export interface NetworkFixture {
  readonly options: HostNetworkOptions & Required<Pick<HostNetworkOptions, "names">>;
  readonly network: HostNetwork;
  nextName(): string;
  /** Removes all networks but not the rules. */
  clear(): Promise<void>;
  close(): Promise<void>;
}

/** Networks on this machine's kernel under names of their own. */
export async function openNetworkFixture(
  tag: string,
  changes: Partial<HostNetworkOptions> = {},
): Promise<NetworkFixture> {
  const table = `slipwaytest${tag}${process.pid}`;
  const options = {
    pool: await ownPool(table, POOLS, 21, ownNumber(32, fixtures++)),
    names: {
      table,
      namespacePrefix: `swt${tag}${process.pid}-`,
      interfacePrefix: `${tag}${process.pid.toString(36).slice(-2)}-`,
    },
    ...changes,
  };
  const network = await HostNetwork.start(options);
  const clear = async () => {
    for (const name of await network.list()) await network.remove(name);
  };
  return {
    options,
    network,
    nextName: () => `test${process.pid}x${counter++}`,
    clear,
    close: () => network.removeAll(),
  };
}

type Inside = Pick<ContainerNetwork, "namespacePath">;

const namespaceOf = ({ namespacePath }: Inside): string => namespacePath.replace(`${NAMESPACES}/`, "");

/** Runs a program of this machine, with its root's rights, in a network namespace: more than anybody in a session may. */
export async function runInside(
  inside: Inside,
  command: readonly string[],
  timeoutMs = 15_000,
): Promise<string> {
  const { stdout } = await promisify(execFile)("ip", ["netns", "exec", namespaceOf(inside), ...command], {
    timeout: timeoutMs,
    maxBuffer: 8 * 1024 * 1024,
  });
  return stdout.trim();
}

/** Runs a script of Node's there, and gives what it prints. */
export const scriptInside = (inside: Inside, script: string): Promise<string> =>
  runInside(inside, [process.execPath, "-e", script]);

export type Outcome = "connected" | "refused" | "nothing";

/** Waits of a connection: for one that should be made, however slow the machine, and for one that should come to nothing. */
const CONNECTED_MS = 10_000;
export const NOTHING_MS = 700;

/** What happens to a TCP connection from there. */
export async function connect(
  from: Inside,
  address: string,
  port: number,
  waitMs = CONNECTED_MS,
): Promise<Outcome> {
  const attempt = ["timeout", String(waitMs / 1_000), "bash", "-c", `exec 3<>/dev/tcp/${address}/${port}`];
  try {
    await runInside(from, attempt);
    return "connected";
  } catch (error) {
    const said = error instanceof Error && "stderr" in error ? String(error.stderr) : "";
    return said.includes("Connection refused") ? "refused" : "nothing";
  }
}

/** Longest wait for an answer of a resolver: it says so itself when there is none. */
const ANSWER_SECONDS = 30;

/** Sends a question and prints the answer, hexadecimal. Perl is part of every Debian and starts in no time. */
const ASK = `use Socket; my ($server, $question, $stream) = @ARGV; my $message = pack("H*", $question);
  socket(S, PF_INET, $stream ? SOCK_STREAM : SOCK_DGRAM, 0) or die $!;
  sub refused { print "ECONNREFUSED"; exit }
  connect(S, sockaddr_in(53, inet_aton($server))) or refused();
  syswrite(S, $stream ? pack("n/a*", $message) : $message);
  my ($all, $wanted) = ("", 1);
  while (length($all) < $wanted) {
    my $ready = ""; vec($ready, fileno(S), 1) = 1;
    if (!select($ready, undef, undef, ${ANSWER_SECONDS})) { print "ETIMEOUT"; exit }
    my $got = sysread(S, my $part, 65536); defined $got or refused(); $got or last;
    $all .= $part;
    if ($stream && length($all) >= 2) { $wanted = 2 + unpack("n", $all) }
  }
  print unpack("H*", $stream ? substr($all, 2) : $all);`;

/** What the resolver of `inside.resolvConf` says there: data of the records, or as Node calls it when there are none. */
export async function resolveInside(
  inside: Pick<ContainerNetwork, "namespacePath" | "resolvConf">,
  name: string,
  type: "A" | "AAAA" | "PTR" = "A",
): Promise<unknown> {
  const server = /nameserver (\S+)/.exec(inside.resolvConf)?.[1] ?? "";
  const id = randomInt(0x1_0000);
  const question = encode({ type: "query", id, flags: RECURSION_DESIRED, questions: [{ name, type }] });
  const ask = (stream: string) =>
    runInside(inside, ["perl", "-e", ASK, server, question.toString("hex"), stream], 60_000);
  let said = await ask("");
  if (/^E/.test(said)) return said;
  if (decode(Buffer.from(said, "hex")).flag_tc) said = await ask("1");
  const answer = decode(Buffer.from(said, "hex"));
  if (answer.id !== id) return "EBADRESP";
  const rcode = (answer.flags ?? 0) & 0xf;
  if (rcode !== 0) return { 1: "EFORMERR", 2: "ESERVFAIL", 3: "ENOTFOUND" }[rcode] ?? rcode;
  const found = (answer.answers ?? []).flatMap((record) => (record.type === type ? [record.data] : []));
  return found.length === 0 ? "ENODATA" : found;
}

/** The name that the address has in the reverse domain (RFC 1035, 3.5). */
export const reverseName = (address: string): string =>
  `${address.split(".").reverse().join(".")}.in-addr.arpa`;

export interface Listener {
  readonly pid: number;
  stop(): void;
}

/** Starts a TCP server there that says hi and ends, and resolves when it listens. */
export async function listenInside(inside: Inside, address: string, port: number): Promise<Listener> {
  const script = `require("net").createServer((s) => s.on("error", () => {}).end("hi")).listen(${port}, ${JSON.stringify(address)}, () => console.log(process.pid))`;
  const child = spawn("ip", ["netns", "exec", namespaceOf(inside), process.execPath, "-e", script]);
  const pid = await new Promise<string>((resolve, reject) => {
    child.stdout.once("data", (data) => resolve(`${data}`));
    child.once("exit", (code) => reject(new Error(`the listener ended with ${code}`)));
  });
  return { pid: Number(pid), stop: () => child.kill("SIGKILL") };
}

/** What a server of `listenInside` says to this process. */
export async function connectFromWorker(address: string, port: number): Promise<string> {
  const { stdout } = await promisify(execFile)("bash", ["-c", `cat < /dev/tcp/${address}/${port}`], {
    timeout: 5_000,
  });
  return stdout;
}

/** Where a session sends what is not its own, the worker's end of its uplink: the address before the session's. */
export const gatewayOf = ({ address }: Pick<ContainerNetwork, "address">): string =>
  address.replace(/[0-9]+$/, (last) => String(Number(last) - 1));

/** A namespace that stands for the world outside of the machine, with a listener on 8080 at each of `addresses`. */
export interface Outside extends Inside {
  remove(): void;
}

export async function makeOutside(
  addresses: readonly string[],
  ports: readonly number[] = [8080],
): Promise<Outside> {
  const namespace = `slipway-outside-${process.pid}`;
  const link = `swo${process.pid}`;
  const run = (...args: string[]) => execFileSync("ip", args);
  const inside = { namespacePath: `${NAMESPACES}/${namespace}` };
  const listeners: Listener[] = [];
  const remove = () => {
    for (const listener of listeners) listener.stop();
    execFileSync("sh", ["-c", `ip link del ${link}; ip netns del ${namespace}; :`], { stdio: "ignore" });
  };
  try {
    run("netns", "add", namespace);
    run("link", "add", link, "type", "veth", "peer", "name", "eth0", "netns", namespace);
    run("addr", "add", "10.99.7.1/24", "dev", link);
    run("link", "set", link, "up");
    for (const address of ["10.99.7.2", ...addresses]) {
      run("-n", namespace, "addr", "replace", `${address}/24`, "dev", "eth0");
    }
    run("-n", namespace, "link", "set", "lo", "up");
    run("-n", namespace, "link", "set", "eth0", "up");
    for (const address of addresses) {
      if (address !== "10.99.7.2") run("route", "add", `${address}/32`, "via", "10.99.7.2", "dev", link);
    }
    for (const port of ports) listeners.push(await listenInside(inside, "0.0.0.0", port));
  } catch (error) {
    remove();
    throw error;
  }
  return { ...inside, remove };
}
