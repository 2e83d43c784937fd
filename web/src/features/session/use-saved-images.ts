import type { WireError } from "@slipway/protocol";
import { useEffect, useState } from "react";
import { rpc, type SavedImage } from "../../rpc/client.ts";
import { wireErrorOf } from "../../rpc/failure.ts";

export interface Keeping {
  readonly images: readonly SavedImage[];
  readonly failure: WireError | null;
  readonly busy: boolean;
  save(sessionId: string, name: string): Promise<void>;
  remove(id: string): Promise<void>;
  /** Has the browser fetch what the session wrote. */
  download(sessionId: string): Promise<void>;
}

/** The saved images of a playground as they are at every moment. */
export function useSavedImages(playgroundId: string): Keeping {
  const [images, setImages] = useState<readonly SavedImage[]>([]);
  const [failure, setFailure] = useState<WireError | null>(null);
  const [busy, setBusy] = useState(false);

  useEffect(() => {
    const subscription = rpc.savedImage.watch.subscribe(
      { playgroundId },
      { onData: setImages, onError: (thrown) => setFailure(wireErrorOf(thrown)) },
    );
    return () => subscription.unsubscribe();
  }, [playgroundId]);

  const run = async (work: () => Promise<unknown>): Promise<void> => {
    setBusy(true);
    setFailure(null);
    try {
      await work();
    } catch (thrown) {
      setFailure(wireErrorOf(thrown));
    } finally {
      setBusy(false);
    }
  };
  return {
    images,
    failure,
    busy,
    save: (sessionId, name) => run(() => rpc.savedImage.save.mutate({ sessionId, name })),
    remove: (id) => run(() => rpc.savedImage.delete.mutate({ playgroundId, id })),
    download: (sessionId) =>
      run(async () => {
        const { url } = await rpc.session.exportUrl.mutate({ sessionId });
        // The answer is a file to save, so the page stays.
        window.location.assign(url);
      }),
  };
}
