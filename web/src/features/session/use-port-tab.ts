import { useState } from "react";
import { wireErrorOf } from "../../rpc/failure.ts";
import { useErrorSentence } from "../../ui/error-sentence.ts";

export interface PortTab {
  /** Opens a tab with the address that is asked for. To be called within a click. */
  open(address: () => Promise<string>): Promise<void>;
  /** Why the last one did not open, as a sentence. */
  readonly failure: string | null;
}

/** Opens previews in tabs of their own. */
export function usePortTab(): PortTab {
  const [failure, setFailure] = useState<string | null>(null);
  const sentence = useErrorSentence();
  const open = async (address: () => Promise<string>) => {
    setFailure(null);
    // Opened within the click, because a browser blocks a tab that opens later.
    const tab = window.open("about:blank", "_blank");
    try {
      const url = await address();
      if (tab === null) window.location.assign(url);
      else {
        tab.opener = null;
        tab.location.replace(url);
      }
    } catch (thrown) {
      tab?.close();
      setFailure(sentence(wireErrorOf(thrown)));
    }
  };
  return { open, failure };
}
