import { z } from "zod";
import { runProgram } from "../process/program.ts";
import type { AddressPool } from "./address-pool.ts";
import type { NetworkNames } from "./rules.ts";

/** `ip -json route show` (ip-route(8)); a destination of one address has no prefix length. */
const routesSchema = z.array(z.object({ dst: z.string(), dev: z.string().optional() }));

/** The subnet of each of our uplinks that has the route to its session. */
export async function uplinkSubnets(names: NetworkNames, pool: AddressPool): Promise<Map<string, number>> {
  const { stdout } = await runProgram(["ip", "-json", "route", "show", "scope", "link"]);
  const subnets = new Map<string, number>();
  for (const { dst, dev } of routesSchema.parse(JSON.parse(stdout || "[]"))) {
    if (!dev?.startsWith(names.interfacePrefix)) continue;
    const number = pool.numberOf(dst);
    if (number !== null && pool.subnet(number).session === dst) subnets.set(dev, number);
  }
  return subnets;
}
