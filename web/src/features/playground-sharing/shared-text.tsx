import type { WireError } from "@slipway/protocol";
import { useEffect, useState } from "react";
import { rpc } from "../../rpc/client.ts";
import { wireErrorOf } from "../../rpc/failure.ts";
import { useErrorSentence } from "../../ui/error-sentence.ts";

/** A text of a shared playground, to read. */
export function SharedText({ token, path }: { readonly token: string; readonly path: string }) {
  const sentence = useErrorSentence();
  const [text, setText] = useState("");
  const [error, setError] = useState<WireError | null>(null);
  useEffect(() => {
    let gone = false;
    rpc.playgroundLink.readText.query({ token, path }).then(
      ({ content }) => !gone && setText(content),
      (thrown: unknown) => !gone && setError(wireErrorOf(thrown)),
    );
    return () => {
      gone = true;
    };
  }, [token, path]);
  if (error) {
    return (
      <p role="alert" className="text-bad">
        {sentence(error)}
      </p>
    );
  }
  return (
    <textarea
      readOnly
      aria-label={path}
      value={text}
      wrap="off"
      className="min-h-[60dvh] w-full resize-none rounded-medium border border-line bg-surface p-3 font-mono text-small"
    />
  );
}
