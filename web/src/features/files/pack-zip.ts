import { type Zippable, zip } from "fflate";
import type { Collected } from "../../ui/collect-files.ts";

/** Packs files into one zip without compressing them: they go to the server in one piece, all of them or none. */
export async function packZip(files: readonly Collected[]): Promise<Blob> {
  const contents: Zippable = {};
  for (const { path, file } of files) {
    if (file === null) contents[`${path}/`] = new Uint8Array();
    else contents[path] = new Uint8Array(await file.arrayBuffer());
  }
  return new Promise((resolve, reject) =>
    zip(contents, { level: 0 }, (error, data) =>
      error
        ? reject(error)
        : resolve(new Blob([data as Uint8Array<ArrayBuffer>], { type: "application/zip" })),
    ),
  );
}
