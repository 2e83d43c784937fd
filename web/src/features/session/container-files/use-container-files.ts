import type { ContainerListing, WireError } from "@slipway/protocol";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { wireErrorOf } from "../../../rpc/failure.ts";
import type { Collected } from "../../../ui/collect-files.ts";
import { FilesDoor } from "./files-door.ts";
import type { FilesOrder } from "./files-order.ts";
import { type UploadState, upload } from "./uploads.ts";

export interface ContainerFilesState {
  /** Null until the first directory has come. */
  readonly listing: ContainerListing | null;
  readonly busy: boolean;
  readonly failure: WireError | null;
  readonly uploading: UploadState | null;
  go(path: string): void;
  put(files: readonly Collected[]): void;
  stop(): void;
  download(path: string): void;
}

/** The files of a session's container, a directory at a time. */
export function useContainerFiles(
  sessionId: string,
  { terminalId, dropped }: FilesOrder,
): ContainerFilesState {
  const door = useMemo(() => new FilesDoor(sessionId), [sessionId]);
  const [listing, setListing] = useState<ContainerListing | null>(null);
  const [busy, setBusy] = useState(true);
  const [failure, setFailure] = useState<WireError | null>(null);
  const [uploading, setUploading] = useState<UploadState | null>(null);
  const stopping = useRef<AbortController | null>(null);

  const run = useCallback(async <Result>(work: () => Promise<Result>): Promise<Result | null> => {
    setBusy(true);
    setFailure(null);
    try {
      return await work();
    } catch (thrown) {
      setFailure(wireErrorOf(thrown));
      return null;
    } finally {
      setBusy(false);
    }
  }, []);

  const list = useCallback(
    async (where: Parameters<FilesDoor["list"]>[0]) => {
      const found = await run(() => door.list(where));
      if (found !== null) setListing(found);
      return found;
    },
    [door, run],
  );
  const put = useCallback(
    async (directory: string, files: readonly Collected[]) => {
      if (files.length === 0) return;
      const stop = new AbortController();
      stopping.current = stop;
      const done = await run(() =>
        upload(door, directory, files, setUploading, stop.signal).then(() => true),
      );
      if (done) await list({ path: directory });
    },
    [door, list, run],
  );

  const begun = useRef(false);
  useEffect(() => {
    if (begun.current) return;
    begun.current = true;
    void (async () => {
      const files = dropped === null ? [] : await dropped().catch(() => []);
      const found = await list({ terminalId });
      if (found !== null) await put(found.path, files);
    })();
  }, [dropped, list, put, terminalId]);
  useEffect(() => () => stopping.current?.abort(new Error("The dialog was closed.")), []);

  return {
    listing,
    busy,
    failure,
    uploading,
    go: (path) => void list({ path }),
    put: (files) => listing !== null && void put(listing.path, files),
    stop: () => stopping.current?.abort(new Error("Stopped by hand.")),
    download: (path) => void run(() => door.download(path)),
  };
}
