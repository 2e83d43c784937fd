import { z } from "zod";
import { runProgram } from "../process/program.ts";
import type { AddressPool } from "./address-pool.ts";
import type { NetworkNames } from "./rules.ts";

/** `ip -json address show` (ip-address(8)). */
const addressesSchema = z.array(
  z.object({
    ifname: z.string().optional(),
    addr_info: z.array(z.object({ family: z.string().optional(), local: z.string().optional() })).optional(),
  }),
);

/** The subnet of each of our uplinks that has its address. */
export async function uplinkSubnets(names: NetworkNames, pool: AddressPool): Promise<Map<string, number>> {
  const { stdout } = await runProgram(["ip", "-json", "address", "show", "type", "veth"]);
  const subnets = new Map<string, number>();
  for (const { ifname, addr_info } of addressesSchema.parse(JSON.parse(stdout || "[]"))) {
    if (!ifname?.startsWith(names.interfacePrefix)) continue;
    const address = addr_info?.find(({ family }) => family === "inet")?.local ?? "";
    const number = pool.numberOf(address);
    if (number !== null && pool.subnet(number).host === address) subnets.set(ifname, number);
  }
  return subnets;
}
