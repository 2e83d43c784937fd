import { constants } from "node:os";
import { SlipwayError } from "@slipway/protocol";

/** First and last real-time signal, which have no names in Node (signal(7)). */
const SIGRTMIN = 34;
const SIGRTMAX = 64;

/** `SIGTERM`, `TERM`, `15` or `SIGRTMIN+3`, the forms that STOPSIGNAL takes. */
export function signalNumber(signal: string): number {
  const name = signal.toUpperCase().replace(/^(?!SIG)/, "SIG");
  const known = (constants.signals as Record<string, number>)[name];
  if (known !== undefined) return known;
  const realTime = /^SIGRT(MIN|MAX)([+-]\d{1,2})?$/.exec(name);
  const number =
    realTime === null
      ? /^[0-9]{1,2}$/.test(signal)
        ? Number(signal)
        : 0
      : (realTime[1] === "MIN" ? SIGRTMIN : SIGRTMAX) + Number(realTime[2] ?? 0);
  if (Number.isInteger(number) && number >= 1 && number <= SIGRTMAX) return number;
  throw new SlipwayError("request-invalid", `There is no signal ${signal}.`);
}
