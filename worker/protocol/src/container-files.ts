import { z } from "zod";

/** Entries of a directory that are told at once; of a larger one the rest is left out. */
export const MAX_LISTED_ENTRIES = 2_000;
/** Largest file that is put into a container through the page. */
export const MAX_UPLOAD_BYTES = 512 * 1024 * 1024;
/** Most files and folders of one upload. */
export const MAX_UPLOAD_FILES = 2_000;
/** Largest file, or directory with all that is in it, that is taken out of a container through the page. */
export const MAX_DOWNLOAD_BYTES = 2 * 1024 * 1024 * 1024;
export const MAX_DOWNLOAD_ENTRIES = 20_000;
/** Longest path (PATH_MAX of the kernel). */
export const MAX_PATH_BYTES = 4_096;

/**
 * The files of a session's main container on the gateway, with a ticket as bearer or as the query's `ticket`:
 * `GET` of `?path=…` a listing, with `&download` the file or a tar of the directory; `PUT` writes a file, with `&directory` it makes
 * a directory. Without a path, the directory in which the process of `&terminal=…` is.
 */
export const filesPath = (session: string): string => `/gateway/files/${session}`;

/** `link`: one that leads nowhere. Others that lead somewhere are told as what they lead to. */
export const containerEntryKindSchema = z.enum(["file", "directory", "link", "other"]);
export type ContainerEntryKind = z.infer<typeof containerEntryKindSchema>;

export const containerEntrySchema = z.object({
  /** Bytes that are no UTF-8 are lone surrogates, U+DC80 … U+DCFF. */
  name: z.string().max(1024),
  kind: containerEntryKindSchema,
  /** Of a file. */
  sizeBytes: z.number().int().min(0),
  /** A symbolic link. */
  linked: z.boolean(),
});
export type ContainerEntry = z.infer<typeof containerEntrySchema>;

export const containerListingSchema = z.object({
  /** Absolute, without links and dots where the kernel knows it so. */
  path: z.string().max(MAX_PATH_BYTES),
  entries: z.array(containerEntrySchema).max(MAX_LISTED_ENTRIES),
  /** There is more than was told. */
  cut: z.boolean(),
});
export type ContainerListing = z.infer<typeof containerListingSchema>;

/** A path for a query, percent-encoded byte by byte: lone surrogates become the bytes that they stand for. */
export function encodeContainerPath(path: string): string {
  let text = "";
  for (const character of path) {
    const code = character.codePointAt(0) ?? 0;
    if (code >= 0xdc80 && code <= 0xdcff) text += `%${(code - 0xdc00).toString(16).toUpperCase()}`;
    else text += encodeURIComponent(code >= 0xd800 && code <= 0xdfff ? "\ufffd" : character);
  }
  return text;
}
