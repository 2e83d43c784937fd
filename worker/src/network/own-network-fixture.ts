import type { NetworkEnd } from "./network.ts";

/* Ends that tests and the process that they kill have of the same networks. */

export const DEFAULT_END: NetworkEnd = { network: null, names: [], address: null, links: [] };

/** In a network of the session's own. */
export const OWN_END: NetworkEnd = {
  ...DEFAULT_END,
  network: {
    id: "0123456789ab",
    subnet: "172.18.0.0/16",
    gateway: "172.18.0.1",
    range: null,
    internal: false,
  },
  names: ["db"],
};
