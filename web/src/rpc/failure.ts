import type { WireError } from "@slipway/protocol";

const UNREACHABLE: WireError = {
  code: "internal",
  fault: "platform",
  message: "The server did not answer.",
  params: {},
};

/** True for the `data.slipway` that the control plane puts into each of its errors. */
const isWireError = (value: unknown): value is WireError =>
  typeof value === "object" && value !== null && "code" in value && "fault" in value && "params" in value;

const dig = (value: unknown, key: string): unknown =>
  typeof value === "object" && value !== null ? (value as Record<string, unknown>)[key] : undefined;

/** The WireError in whatever a call threw: tRPC's client error, ours, or a network failure (which becomes `internal`). */
export function wireErrorOf(thrown: unknown): WireError {
  if (thrown instanceof WireFailure) return thrown.wire;
  const wire = dig(dig(thrown, "data"), "slipway") ?? dig(dig(dig(thrown, "shape"), "data"), "slipway");
  return isWireError(wire) ? wire : UNREACHABLE;
}

/** Whether there was no answer at all: no connection, or no server behind it. */
export const isUnreachable = (thrown: unknown): boolean => wireErrorOf(thrown) === UNREACHABLE;

/** A failure that carries its WireError: a failed call of plain.ts, or one that is not even made. */
export class WireFailure extends Error {
  override readonly name = "WireFailure";
  readonly wire: WireError;

  constructor(wire: WireError) {
    super(wire.message);
    this.wire = wire;
  }

  /** From the body of an answer that is not a result. */
  static fromAnswer(body: unknown): WireFailure {
    return new WireFailure(wireErrorOf(dig(body, "error")));
  }
}
