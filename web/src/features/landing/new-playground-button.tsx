import type { ErrorCode } from "@slipway/protocol";
import { ArrowRight, LoaderCircle } from "lucide-react";
import { useState } from "react";
import { wireErrorOf } from "../../rpc/failure.ts";
import { createPlayground } from "../../rpc/plain.ts";
import { Button } from "../../ui/button.tsx";
import type { Language } from "../../ui/language/language.ts";

type Creation =
  | { readonly state: "idle" }
  | { readonly state: "creating" }
  | { readonly state: "failed"; readonly code: ErrorCode };

export interface NewPlaygroundButtonProps {
  readonly language: Language;
  readonly label: string;
  readonly creating: string;
  /** One finished sentence per error that can come of it, and one for all others. */
  readonly failures: Partial<Record<ErrorCode, string>> & { readonly internal: string };
}

/** Makes a playground, with a guest account where there is none, and goes there. */
export function NewPlaygroundButton({ language, label, creating, failures }: NewPlaygroundButtonProps) {
  const [creation, setCreation] = useState<Creation>({ state: "idle" });
  const busy = creation.state === "creating";

  const create = async () => {
    setCreation({ state: "creating" });
    try {
      window.location.assign(`/p/${await createPlayground("node", language)}`);
    } catch (thrown) {
      setCreation({ state: "failed", code: wireErrorOf(thrown).code });
    }
  };

  return (
    <div className="flex flex-col items-start gap-3">
      <Button look="launch" size="large" disabled={busy} onClick={() => void create()}>
        {busy ? creating : label}
        {busy ? (
          <LoaderCircle size={19} className="motion-safe:animate-spin" aria-hidden="true" />
        ) : (
          <ArrowRight size={19} aria-hidden="true" />
        )}
      </Button>
      <p role="alert" className="text-small text-bad empty:hidden">
        {creation.state === "failed" ? (failures[creation.code] ?? failures.internal) : null}
      </p>
    </div>
  );
}
