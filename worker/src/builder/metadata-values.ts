import { constants } from "node:os";
import type { HealthcheckInstruction } from "@slipway/dockerfile";
import { SlipwayError } from "@slipway/protocol";
import type { Healthcheck } from "./config.ts";

/** Highest number of a real-time signal on Linux (signal(7)). */
const MAX_SIGNAL = 64;
const REALTIME = /^RT(?:MIN(?:\+([0-9]|1[0-5]))?|MAX(?:-([0-9]|1[0-4]))?)$/;

/** What STOPSIGNAL may say: a number, or a name with or without SIG (github.com/moby/sys/signal, ParseSignal). */
export function stopSignal(text: string): string {
  const name = text.toUpperCase().replace(/^SIG/, "");
  const isNumber = /^\d{1,3}$/.test(text);
  const isGood = isNumber
    ? Number(text) >= 1 && Number(text) <= MAX_SIGNAL
    : `SIG${name}` in constants.signals || REALTIME.test(name);
  if (isGood) return text;
  const shown = text.slice(0, 200);
  throw new SlipwayError("dockerfile-invalid", `"${shown}" is not a signal.`, { params: { signal: shown } });
}

/** Only what is written is kept: an engine has defaults for the rest. */
export function healthcheckOf(instruction: HealthcheckInstruction): Healthcheck {
  const { command, interval, timeout, startPeriod, startInterval, retries } = instruction;
  if (command === null) return { Test: ["NONE"] };
  const test = command.form === "exec" ? ["CMD", ...command.args] : ["CMD-SHELL", command.script];
  return {
    Test: test,
    ...(interval ? { Interval: interval } : {}),
    ...(timeout ? { Timeout: timeout } : {}),
    ...(startPeriod ? { StartPeriod: startPeriod } : {}),
    ...(startInterval ? { StartInterval: startInterval } : {}),
    ...(retries ? { Retries: retries } : {}),
  };
}
