/**
 * The version of the contract between control plane, worker and browser. It rises with every change that an older
 * peer would misread; peers of different versions refuse each other at the handshake with `protocol-version`.
 */
export const PROTOCOL_VERSION = 5;
