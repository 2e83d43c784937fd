import { WireFailure } from "./failure.ts";

/** Files of a playground that go their own way, as files: outside of tRPC, whose messages are JSON. */

const base = (id: string): string => `/playgrounds/${encodeURIComponent(id)}`;

/** Address of all files as a zip. */
export const zipUrl = (id: string): string => `${base(id)}/zip`;
/** Address of one file as it is. */
export const fileUrl = (id: string, path: string): string =>
  `${base(id)}/file?path=${encodeURIComponent(path)}`;

export interface Imported {
  readonly files: number;
  /** Links, which are left out. */
  readonly skipped: readonly string[];
}

/** Unpacks a zip below a folder; files of the same name are replaced, and stay in the history. */
export async function importZip(id: string, folder: string, zip: Blob): Promise<Imported> {
  const response = await fetch(`${zipUrl(id)}?into=${encodeURIComponent(folder)}`, {
    method: "POST",
    headers: { "content-type": "application/zip" },
    body: zip,
  }).catch(() => null);
  const body: unknown = await response?.json().catch(() => null);
  if (typeof body === "object" && body !== null && "result" in body) {
    return (body as { result: { data: Imported } }).result.data;
  }
  throw WireFailure.fromAnswer(body);
}
