import { ProgramError, runProgram } from "../process/program.ts";

/** Docker's chain for rules of others (Docker's manual, "Packet filtering and firewalls"). */
const CHAIN = "DOCKER-USER";

/** How a program of the host is started; tests do it in a namespace of theirs. */
export type Run = (command: readonly [string, ...string[]]) => Promise<{ readonly stdout: string }>;

/**
 * Where a firewall drops what is forwarded unless told otherwise, as Docker makes it, sessions have no way out: an accept of
 * our table does not undo another table's drop. Docker has a chain for that; elsewhere the operator has to open the way.
 */
export async function admitThroughDocker(
  interfacePrefix: string,
  warn: (sentence: string) => void,
  run: Run = runProgram,
): Promise<void> {
  const policy = await iptables(run, ["-S", "FORWARD"]);
  const chain = await iptables(run, ["-S", CHAIN]);
  if (chain !== null) {
    for (const rule of rules(interfacePrefix)) {
      if ((await iptables(run, ["-C", CHAIN, ...rule])) === null) await iptables(run, ["-I", CHAIN, ...rule]);
    }
    return;
  }
  if (policy !== null && /^-P FORWARD DROP$/m.test(policy)) {
    warn(
      `A firewall of this host drops forwarded packets (iptables: FORWARD policy DROP), so sessions don't reach the internet. Let packets from and to interfaces ${interfacePrefix}* through.`,
    );
  }
}

/** Takes the rules away again, where there are any. */
export async function leaveDocker(interfacePrefix: string, run: Run = runProgram): Promise<void> {
  for (const rule of rules(interfacePrefix)) {
    // Several, if workers started at the same time.
    while ((await iptables(run, ["-D", CHAIN, ...rule])) !== null);
  }
}

const rules = (interfacePrefix: string): readonly string[][] => [
  ["-i", `${interfacePrefix}+`, "-j", "ACCEPT"],
  ["-o", `${interfacePrefix}+`, "-m", "conntrack", "--ctstate", "RELATED,ESTABLISHED", "-j", "ACCEPT"],
];

/** What iptables says; null where it fails: there is no such chain, rule or program. */
async function iptables(run: Run, args: readonly string[]): Promise<string | null> {
  try {
    return (await run(["iptables", "-w", ...args])).stdout;
  } catch (error) {
    if (error instanceof ProgramError) return null;
    throw error;
  }
}
