import { useErrorSentence } from "../../ui/error-sentence.ts";
import type { Attempt } from "./use-attempt.ts";

/** Says what came of an attempt. */
export function AttemptNote({ attempt, done }: { readonly attempt: Attempt; readonly done?: string }) {
  const sentence = useErrorSentence();
  if (attempt.state === "refused") {
    return (
      <p role="alert" className="rounded-medium bg-bad-soft px-4 py-2">
        {sentence(attempt.error)}
      </p>
    );
  }
  return (
    <p role="status" className="text-good empty:hidden">
      {attempt.state === "done" ? done : null}
    </p>
  );
}
