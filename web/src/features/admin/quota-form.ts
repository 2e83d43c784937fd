import type { AdminQuotas } from "../../rpc/client.ts";

const MIB = 1024 ** 2;

export type Wish = AdminQuotas["roles"][number]["wish"];

/** A figure of the form: what it is in a quota, and how many of the quota's unit one of the form's is. */
export const FIGURES = [
  { name: "sessions", field: "sessions", unit: 1 },
  { name: "minutes", field: "minutes", unit: 1 },
  { name: "memory", field: "memoryBytes", unit: MIB },
  { name: "cpus", field: "cpus", unit: 1 },
  { name: "disk", field: "diskBytes", unit: MIB },
  { name: "builds", field: "buildsPerHour", unit: 1 },
] as const satisfies readonly { name: string; field: keyof Wish; unit: number }[];

/** What a form says; empty fields leave a figure to the settings. */
export function wishOf(given: FormData): Wish {
  const figure = (name: string, unit: number): number | null => {
    const text = given.get(name);
    return typeof text === "string" && text.trim() !== "" ? Number(text) * unit : null;
  };
  const entries = FIGURES.map(({ name, field, unit }) => [field, figure(name, unit)]);
  return Object.fromEntries(entries) as Wish;
}

/** A figure of a quota in the unit of the form. */
export const shown = (value: number | null, unit: number): string =>
  value === null ? "" : String(Number((value / unit).toFixed(2)));
