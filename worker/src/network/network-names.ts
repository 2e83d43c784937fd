import { SlipwayError } from "@slipway/protocol";
import { bridgeNetworkSchema, isHardwareAddress } from "./bridge-network.ts";
import { parseIpv4, parsePrefix } from "./ipv4.ts";
import { MAX_ENDS, type NetworkContainer, type NetworkEnd } from "./network.ts";

const CONTAINER_ID = /^[A-Za-z0-9_.-]{1,64}$/;
const CONTAINER_NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/;
/** Names of one container in one network, or of a host namespace. */
const MAX_NAMES = 32;

const refuse = (sentence: string): never => {
  throw new SlipwayError("network-failed", sentence);
};

/** Throws unless all of it may stand in a script. */
export function checkContainer({ id, names, ends = [] }: NetworkContainer): void {
  if (!CONTAINER_ID.test(id)) refuse(`${id} is no container's id.`);
  checkNames(names);
  if (ends.length > MAX_ENDS) refuse(`A container is in ${MAX_ENDS} networks at most.`);
  for (const end of ends) checkEnd(end);
}

function checkEnd({ network, names, address, mac, links }: NetworkEnd): void {
  checkNames(names);
  checkNames(links.map(({ alias }) => alias));
  if (address !== null && parseIpv4(address) === null) refuse(`${address} is no address.`);
  if (mac !== null && !isHardwareAddress(mac)) refuse(`${mac} is no hardware address.`);
  if (network === null) return;
  const { success } = bridgeNetworkSchema.safeParse(network);
  const { subnet, gateway, range } = network;
  const isWhole =
    parsePrefix(subnet) && parseIpv4(gateway) !== null && (range === null || parsePrefix(range));
  if (!success || !isWhole) refuse(`${network.id} is no network.`);
}

export function checkNames(names: readonly string[]): void {
  const odd = names.find((name) => !CONTAINER_NAME.test(name));
  if (odd !== undefined) refuse(`${odd} is no name of a container.`);
  if (names.length > MAX_NAMES) refuse(`A container has at most ${MAX_NAMES} names.`);
}
