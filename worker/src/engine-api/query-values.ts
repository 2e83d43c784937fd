import { z } from "zod";
import { momentOf } from "./moments.ts";

/* Values of a query as Docker's daemon reads them. */

/** Keys and values of one `filters` parameter. */
const MOST_FILTERS = 64;

const FALSE = new Set(["", "0", "no", "false", "none"]);

/** Docker takes everything but a few words for true (httputils.BoolValue). */
export const flag = z
  .string()
  .optional()
  .transform((text) => text !== undefined && !FALSE.has(text.trim().toLowerCase()));

/** As `flag`, for a parameter that is true where it is missing. */
export const flagUnlessFalse = z
  .string()
  .optional()
  .transform((text) => text === undefined || !FALSE.has(text.trim().toLowerCase()));

export const integer = z
  .string()
  .regex(/^-?[0-9]{1,15}$/, "must be a number")
  .transform(Number)
  .optional();

/** `{"label":["a=b"]}`, or the form of clients before 1.22: `{"label":{"a=b":true}}`. */
const filterValues = z.union([
  z.array(z.string()),
  z.record(z.string(), z.boolean()).transform((chosen) => Object.keys(chosen).filter((key) => chosen[key])),
]);

export type Filters = ReadonlyMap<string, readonly string[]>;

/** The `filters` parameter: for each name the values of which one has to fit. */
export const filters = z
  .string()
  .optional()
  .transform((text, context): Filters => {
    if (text === undefined || text === "") return new Map();
    let json: unknown;
    try {
      json = JSON.parse(text);
    } catch {
      json = null;
    }
    const parsed = z.record(z.string(), filterValues).safeParse(json);
    if (parsed.success && Object.keys(parsed.data).length <= MOST_FILTERS) {
      return new Map(Object.entries(parsed.data));
    }
    context.addIssue({ code: "custom", message: "invalid filter" });
    return z.NEVER;
  });

/** Seconds since the epoch, with a fraction; Docker's clients send `1136073600.000000001`, podman's `30s` for so long ago too. Null: none. */
export const timestamp = z
  .string()
  .optional()
  .transform((text, context) => {
    if (text === undefined || text === "" || text === "0") return null;
    if (/^-?[0-9]{1,12}(\.[0-9]{1,9})?$/.test(text)) return Number(text);
    const seconds = Date.parse(text) / 1_000;
    if (Number.isFinite(seconds)) return seconds;
    try {
      return momentOf(text, Date.now()) / 1_000;
    } catch {
      context.addIssue({ code: "custom", message: `failed to parse value as time: ${text.slice(0, 64)}` });
      return z.NEVER;
    }
  });

/** A parameter that may be there several times. */
export const several = z
  .union([z.string(), z.array(z.string())])
  .optional()
  .transform((found) => (found === undefined ? [] : [found].flat()));

/** The first one, where there may be more: Docker's daemon looks at no other (docker-py names a Dockerfile twice). */
export const first = several.transform(([value]) => value);
