import { useEffect, useState } from "react";
import { rpc } from "../../rpc/client.ts";
import type { KnownImage } from "./surroundings.ts";

/** The answer of this page's one question. */
let known: Promise<readonly KnownImage[]> | null = null;

async function ask(): Promise<readonly KnownImage[]> {
  try {
    return await rpc.system.baseImages.query();
  } catch {
    // Completion does without them; the next page asks again.
    known = null;
    return [];
  }
}

/** Images that can be built on here; empty until the answer is there. Nothing waits for it. */
export function useKnownImages(): readonly KnownImage[] {
  const [images, setImages] = useState<readonly KnownImage[]>([]);
  useEffect(() => {
    let gone = false;
    known ??= ask();
    void known.then((answer) => {
      if (!gone) setImages(answer);
    });
    return () => {
      gone = true;
    };
  }, []);
  return images;
}
