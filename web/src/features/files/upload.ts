import type { WireError } from "@slipway/protocol";
import { WireFailure } from "../../rpc/failure.ts";
import { type Imported, importZip } from "../../rpc/playground-files.ts";
import type { Collected } from "../../ui/collect-files.ts";
import { loadChunk } from "../../ui/load-chunk.ts";

export interface UploadLimits {
  readonly files: number;
  readonly fileBytes: number;
  readonly playgroundBytes: number;
  readonly zipBytes: number;
}

const MIB = 1024 * 1024;

const tooLarge = (what: string, limit: number): WireFailure => {
  const wire: WireError = {
    code: "files-too-large",
    fault: "user",
    message: `The limit of ${what} is ${limit}.`,
    params: { what, limit },
  };
  return new WireFailure(wire);
};

/** Refuses what the server would, before it is read. @throws WireFailure */
export function checkSizes(files: readonly Collected[], limits: UploadLimits): void {
  if (files.length > limits.files) throw tooLarge("files", limits.files);
  const sizes = files.map(({ file }) => file?.size ?? 0);
  if (sizes.some((size) => size > limits.fileBytes)) throw tooLarge("file", limits.fileBytes / MIB);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (total > limits.playgroundBytes) throw tooLarge("playground", limits.playgroundBytes / MIB);
}

/** Uploads files and folders, all of them or none. @throws WireFailure */
export async function uploadFiles(
  id: string,
  folder: string,
  files: readonly Collected[],
  limits: UploadLimits,
): Promise<Imported> {
  checkSizes(files, limits);
  const { packZip } = await loadChunk(() => import("./pack-zip.ts"));
  return importZip(id, folder, await packZip(files));
}

/** Uploads what is in a zip. @throws WireFailure */
export async function uploadZip(
  id: string,
  folder: string,
  zip: File,
  limits: UploadLimits,
): Promise<Imported> {
  if (zip.size > limits.zipBytes) throw tooLarge("zip", limits.zipBytes / MIB);
  return importZip(id, folder, zip);
}

/** The one zip among what is to be uploaded: people may want what is in it. */
export const onlyZip = (files: readonly Collected[]): File | null => {
  const [first, ...others] = files;
  return others.length === 0 && first?.file && /\.zip$/i.test(first.path) ? first.file : null;
};
