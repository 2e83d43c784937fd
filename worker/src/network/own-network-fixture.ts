import { DEFAULT_END, type NetworkEnd } from "./network.ts";

/** In a network of the session's own: tests and the process that they kill mean the same one. */
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
