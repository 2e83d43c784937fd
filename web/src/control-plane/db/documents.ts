import type { z } from "zod";

/*
 * Documents are stored as JSON in `text` columns (why: prisma/schema.prisma) and parsed when they are read.
 */

export function encode<S extends z.ZodType>(_schema: S, value: z.output<S>): string {
  return JSON.stringify(value);
}

/** @throws ZodError when the stored document is not what this version writes */
export function decode<S extends z.ZodType>(schema: S, text: string): z.output<S> {
  return schema.parse(JSON.parse(text));
}

export function decodeNullable<S extends z.ZodType>(schema: S, text: string | null): z.output<S> | null {
  return text === null ? null : decode(schema, text);
}
