import { formatPrefix, overlap, parsePrefix, sizeOf } from "./ipv4.ts";
import { poolsByTable } from "./pools.ts";

/**
 * A pool for tests: the `own`th piece of `range` of so many bits, or the next one that nobody has, as killed runs leave
 * their tables behind. Whoever opens a table again gets its pool.
 */
export async function ownPool(table: string, range: string, bits: number, own: number): Promise<string> {
  const pools = await poolsByTable();
  const kept = pools.get(table);
  if (kept) return formatPrefix(kept);
  const whole = parsePrefix(range);
  if (!whole) throw new Error(`${range} is no range of addresses`);
  const size = sizeOf({ length: bits });
  const count = sizeOf(whole) / size;
  for (let tries = 0; tries < count; tries++) {
    const pool = { base: whole.base + ((own + tries) % count) * size, length: bits };
    if (![...pools.values()].some((other) => overlap(other, pool))) return formatPrefix(pool);
  }
  throw new Error(`every pool of ${range} is taken: nft list tables`);
}
