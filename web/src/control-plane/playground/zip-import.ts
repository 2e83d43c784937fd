import { buffer } from "node:stream/consumers";
import { SlipwayError } from "@slipway/protocol";
import { type Entry, fromBufferPromise, type ZipFile } from "yauzl";
import { MAX_FILE_BYTES, MAX_PLAYGROUND_BYTES, MAX_PLAYGROUND_FILES, tooLarge } from "./limits.ts";
import type { ImportedFile } from "./playground.ts";

/** Kinds of files in the upper half of a zip's attributes, as `stat` gives them. */
const S_IFMT = 0o170_000;
const S_IFLNK = 0o120_000;
const UNIX = 3;

/** What macOS puts beside the files. */
const isAside = (path: string): boolean => /^__MACOSX\/|(?:^|\/)\.DS_Store$/.test(path);

export interface UnpackedZip {
  readonly files: readonly ImportedFile[];
  /** Links, which a playground has none of. */
  readonly skipped: readonly string[];
}

/**
 * Unpacks a zip below a folder (empty for the outermost). Sizes are checked before and while contents are unpacked, so a zip bomb
 * costs no more than a playground may have. @throws archive-invalid, files-too-large
 */
export async function unpackZip(zip: Buffer, folder: string): Promise<UnpackedZip> {
  try {
    return await readEntries(await fromBufferPromise(zip, { lazyEntries: true }), folder);
  } catch (error) {
    if (error instanceof SlipwayError) throw error;
    // yauzl has one class of errors for all that is wrong with a zip; names that lead out of it are among them.
    throw new SlipwayError("archive-invalid", "This is no zip that can be unpacked.", { cause: error });
  }
}

async function readEntries(zip: ZipFile, folder: string): Promise<UnpackedZip> {
  if (zip.entryCount > MAX_PLAYGROUND_FILES) throw tooLarge("files", MAX_PLAYGROUND_FILES);
  const entries: Entry[] = [];
  for await (const entry of zip.eachEntry()) if (!isAside(entry.fileName)) entries.push(entry);
  checkSizes(entries);
  const files: ImportedFile[] = [];
  for (const entry of entries) {
    const path = pathIn(folder, entry);
    if (isLink(entry)) continue;
    if (path.endsWith("/")) files.push({ path: path.slice(0, -1), content: null, executable: false });
    else {
      // It fails as soon as there is more than the entry says.
      const content = await buffer(await zip.openReadStreamPromise(entry));
      files.push({ path, content, executable: isExecutable(entry) });
    }
  }
  return { files, skipped: entries.filter(isLink).map((entry) => pathIn(folder, entry)) };
}

/** What the entries say of themselves, before any is unpacked. */
function checkSizes(entries: readonly Entry[]): void {
  let bytes = 0;
  for (const { uncompressedSize } of entries) {
    bytes += uncompressedSize;
    if (uncompressedSize > MAX_FILE_BYTES) throw tooLarge("file", MAX_FILE_BYTES);
    if (bytes > MAX_PLAYGROUND_BYTES) throw tooLarge("playground", MAX_PLAYGROUND_BYTES);
  }
}

const pathIn = (folder: string, { fileName }: Entry): string =>
  folder === "" ? fileName : `${folder}/${fileName}`;

/** The mode of a file that was packed on a Unix; 0 for all others. */
const modeOf = (entry: Entry): number =>
  entry.versionMadeBy >> 8 === UNIX ? entry.externalFileAttributes >>> 16 : 0;

const isLink = (entry: Entry): boolean => (modeOf(entry) & S_IFMT) === S_IFLNK;
const isExecutable = (entry: Entry): boolean => (modeOf(entry) & 0o100) !== 0;
