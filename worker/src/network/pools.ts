import { SlipwayError } from "@slipway/protocol";
import { ProgramError, runProgram } from "../process/program.ts";
import { formatPrefix, overlap, type Prefix, parsePrefix } from "./ipv4.ts";

/** The rule of a table that names its sessions' addresses; see tableRules(). */
const SOURCE = /\bip saddr ([0-9./]+) oifname\b/;

/** Pools of all Slipways of this machine, those that were killed and left their tables included, by table. */
export async function poolsByTable(): Promise<Map<string, Prefix>> {
  const { stdout } = await runProgram(["nft", "list", "tables"]);
  const tables = [...stdout.matchAll(/^table inet (slipway\S*)$/gm)].map(([, table = ""]) => table);
  const pools = new Map<string, Prefix>();
  for (const table of tables) {
    const pool = parsePrefix(SOURCE.exec(await sourceRules(table))?.[1] ?? "");
    if (pool) pools.set(table, pool);
  }
  return pools;
}

/**
 * Two Slipways with one pool would drop each other's packets without a word: rules of a table hold for interfaces of the
 * other one too.
 * @throws {SlipwayError} network-failed, naming the table that has addresses of `cidr` already
 */
export async function checkPool(cidr: string, table: string): Promise<void> {
  const wanted = parsePrefix(cidr);
  for (const [other, pool] of await poolsByTable()) {
    if (!wanted || other === table || !overlap(pool, wanted)) continue;
    throw new SlipwayError(
      "network-failed",
      `Another Slipway has the addresses ${formatPrefix(pool)} (nftables: table inet ${other}). Set SLIPWAY_ADDRESS_POOL to others than ${cidr}, or, when that Slipway was killed and does not come back, remove its table: nft delete table inet ${other}`,
    );
  }
}

/** What nft lists of the rules for what leaves; nothing where the table has gone meanwhile. */
async function sourceRules(table: string): Promise<string> {
  try {
    return (await runProgram(["nft", "list", "chain", "inet", table, "postrouting"])).stdout;
  } catch (error) {
    if (error instanceof ProgramError) return "";
    throw error;
  }
}
