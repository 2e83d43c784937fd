import type { LimitEvent } from "@slipway/protocol";
import { useTranslations } from "use-intl";
import { binaryBytes } from "../../ui/format.ts";

/** Characters of a process's name that are shown; the kernel keeps 15, but what reports it may be a runtime. */
const NAME_CHARACTERS = 24;

/** A figure in the unit that it is measured in. */
function figure(value: number, unit: string): string {
  if (unit === "bytes") return binaryBytesExact(value);
  if (unit === "bytes-per-second") return `${binaryBytesExact(value)}/s`;
  return String(Math.round(value * 10) / 10);
}

/** With one decimal, because 60.3 and 64 MiB both tell something. */
function binaryBytesExact(value: number): string {
  const mebibytes = value / 1024 ** 2;
  return mebibytes < 1024 ? `${Number(mebibytes.toFixed(1))} MiB` : binaryBytes(value);
}

/**
 * A process's name as one word of a sentence. It is whatever the process calls itself: control and format characters,
 * those that turn the direction of writing above all, are shown as what they are not.
 */
export function shownName(name: string): string {
  const plain = [...name.replace(/\p{C}/gu, "\ufffd").trim()];
  return plain.length > NAME_CHARACTERS
    ? `${plain.slice(0, NAME_CHARACTERS).join("")}…`
    : plain.join("") || "?";
}

export interface LimitSentence {
  /** What happened. */
  readonly text: string;
  /** What to do about it. */
  readonly advice: string;
}

/** Says which limit was reached, by how much, and what to do next. */
export function useLimitSentence(): (event: LimitEvent) => LimitSentence {
  const t = useTranslations("limit");
  return (event) => {
    const { limit, metric, process } = event;
    const used = figure(metric.value, metric.unit);
    const allowed = figure(event.allowed, metric.unit);
    const advice = t(`advice.${limit}`);
    if (limit === "memory" && process !== null && process.killed) {
      const name = shownName(process.name);
      const size = process.memoryBytes === null ? used : figure(process.memoryBytes, "bytes");
      return { text: t("killed", { name, size, allowed }), advice };
    }
    if (limit === "cpu") return { text: t("reached.cpu", { used, allowed: String(event.allowed) }), advice };
    if (limit === "time") return { text: t("reached.time", { used }), advice };
    return { text: t(`reached.${limit}`, { used, allowed }), advice };
  };
}
