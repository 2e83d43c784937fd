import { MAX_UPLOAD_BYTES, MAX_UPLOAD_FILES, type WireError } from "@slipway/protocol";
import { WireFailure, wireErrorOf } from "../../../rpc/failure.ts";
import type { Collected } from "../../../ui/collect-files.ts";
import type { FilesDoor } from "./files-door.ts";
import { within } from "./places.ts";

export interface UploadState {
  readonly directory: string;
  readonly files: number;
  readonly done: number;
  readonly totalBytes: number;
  readonly sentBytes: number;
  readonly failures: readonly { readonly path: string; readonly error: WireError }[];
  readonly isOver: boolean;
}

const MIB = 1024 * 1024;

const refused = (code: "upload-too-large" | "files-too-large", params: WireError["params"]): WireError => ({
  code,
  fault: "user",
  message: "This is more than can be uploaded.",
  params,
});

/**
 * Puts files into a directory of the container, one after the other. One that fails keeps none of the others back; what could not
 * work is not even begun.
 */
export async function upload(
  door: Pick<FilesDoor, "upload" | "makeDirectory">,
  directory: string,
  files: readonly Collected[],
  tell: (state: UploadState) => void,
  signal: AbortSignal,
): Promise<void> {
  if (files.length > MAX_UPLOAD_FILES)
    throw new WireFailure(refused("files-too-large", { what: "files", limit: MAX_UPLOAD_FILES }));
  const sizeOf = ({ file }: Collected) => file?.size ?? 0;
  const totalBytes = files.reduce((sum, one) => sum + sizeOf(one), 0);
  let state: UploadState = {
    directory,
    files: files.length,
    done: 0,
    totalBytes,
    sentBytes: 0,
    failures: [],
    isOver: false,
  };
  const change = (next: Partial<UploadState>) => {
    state = { ...state, ...next };
    tell(state);
  };
  change({});
  for (const one of files) {
    if (signal.aborted) break;
    const before = state.sentBytes;
    try {
      if (sizeOf(one) > MAX_UPLOAD_BYTES)
        throw new WireFailure(refused("upload-too-large", { limit: MAX_UPLOAD_BYTES / MIB }));
      const path = within(directory, one.path);
      if (one.file === null) await door.makeDirectory(path);
      else {
        const progress = (bytes: number) => change({ sentBytes: before + Math.min(bytes, sizeOf(one)) });
        await door.upload(path, one.file, progress, signal);
      }
      change({ done: state.done + 1, sentBytes: before + sizeOf(one) });
    } catch (thrown) {
      if (signal.aborted) break;
      const failure = { path: one.path, error: wireErrorOf(thrown) };
      change({ failures: [...state.failures, failure], sentBytes: before + sizeOf(one) });
    }
  }
  change({ isOver: true });
}
