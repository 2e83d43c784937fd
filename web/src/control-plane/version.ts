/** The version of Slipway that this control plane is of; the same as in package.json. */
export const SLIPWAY_VERSION = "0.1.0";
