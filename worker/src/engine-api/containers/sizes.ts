import { EngineError } from "../engine-error.ts";

const UNITS: Readonly<Record<string, number>> = {
  "": 1,
  b: 1,
  k: 2 ** 10,
  m: 2 ** 20,
  g: 2 ** 30,
  t: 2 ** 40,
};

/** `64m`, as Docker's options have sizes (go-units, RAMInBytes). Throws 400. */
export function sizeBytes(text: string): number {
  const match = /^([0-9]{1,15})([bkmgt]?)b?$/i.exec(text.trim());
  if (match?.[1] === undefined) throw new EngineError(400, `invalid size: '${text.slice(0, 64)}'`);
  return Number(match[1]) * (UNITS[(match[2] ?? "").toLowerCase()] ?? 1);
}
