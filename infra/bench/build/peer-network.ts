import { hostNameservers } from "../../../worker/src/network/dns/nameservers.ts";
import { HostNetwork } from "../../../worker/src/network/host-network.ts";
import { UNLIMITED_BYTES_PER_SECOND } from "../../../worker/src/network/network.ts";

/** Apart from the pools of workers and of tests. */
const POOL = "100.98.0.0/23";
const NAME = "peers";

export interface PeerNetwork {
  readonly namespacePath: string;
  close(): Promise<void>;
}

/** A network namespace that reaches the internet, as sessions have it: in it the peers make their own bridges and rules. */
export async function openPeerNetwork(): Promise<PeerNetwork> {
  const marker = `bench${process.pid}`;
  const names = {
    table: `slipway_${marker}`,
    namespacePrefix: `${marker}-`,
    interfacePrefix: `b${String(process.pid).slice(-5)}-`,
  };
  // Peers ask the host's nameservers by themselves, where sessions have a resolver.
  const opened = (await hostNameservers()()).map(({ address }) => address);
  const host = await HostNetwork.start({ pool: POOL, names, opened });
  try {
    const { namespacePath } = await host.create(NAME, {
      egress: "internet",
      bytesPerSecond: UNLIMITED_BYTES_PER_SECOND,
    });
    return { namespacePath, close: () => host.removeAll() };
  } catch (error) {
    await host.removeAll();
    throw error;
  }
}
