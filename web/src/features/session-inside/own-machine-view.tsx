import { useState } from "react";
import { useLocale, useTranslations } from "use-intl";
import { type DockerAddress, rpc } from "../../rpc/client.ts";
import { wireErrorOf } from "../../rpc/failure.ts";
import { Button } from "../../ui/button.tsx";
import { useErrorSentence } from "../../ui/error-sentence.ts";
import { contextCommands } from "./own-machine.ts";

/** How a docker client on the person's own machine gets to the session. The address is made when somebody asks for it. */
export function OwnMachine({ sessionId }: { readonly sessionId: string }) {
  const t = useTranslations("docker");
  const locale = useLocale();
  const sentence = useErrorSentence();
  const [address, setAddress] = useState<DockerAddress | null>(null);
  const [failure, setFailure] = useState("");
  const [copied, setCopied] = useState(false);
  const [revoked, setRevoked] = useState(false);
  const ask = async () => {
    setFailure("");
    setCopied(false);
    setRevoked(false);
    try {
      setAddress(await rpc.session.dockerAddress.mutate({ sessionId }));
    } catch (thrown) {
      setFailure(sentence(wireErrorOf(thrown)));
    }
  };
  const revoke = async () => {
    setFailure("");
    try {
      await rpc.session.revokeDockerAddresses.mutate({ sessionId });
      setAddress(null);
      setRevoked(true);
    } catch (thrown) {
      setFailure(sentence(wireErrorOf(thrown)));
    }
  };
  const commands = address === null ? "" : contextCommands(address, sessionId);
  // Browsers give the clipboard to safe origins only; elsewhere the text can be selected.
  const copy = async () => {
    await navigator.clipboard?.writeText(commands).then(
      () => setCopied(true),
      () => undefined,
    );
  };
  return (
    <section aria-labelledby="docker-own" className="max-w-[44rem] border-line border-t pt-4">
      <h3 id="docker-own" className="pb-1 font-semibold text-small">
        {t("own")}
      </h3>
      {address === null ? (
        <Button size="small" onClick={() => void ask()}>
          {t("ownShow")}
        </Button>
      ) : (
        <>
          <p className="pb-2 text-ink-soft text-small">
            {t("ownText", {
              time: new Date(address.expiresAt).toLocaleTimeString(locale, { timeStyle: "short" }),
            })}
          </p>
          <textarea
            readOnly
            rows={5}
            spellCheck={false}
            aria-label={t("ownLabel")}
            value={commands}
            className="w-full resize-y break-all rounded-medium border border-line bg-surface p-2 font-mono text-small"
          />
          {address.isSecure && <p className="text-ink-soft text-small">{t("ownSecure")}</p>}
          <Button size="small" className="mt-1" onClick={() => void copy()}>
            {t(copied ? "copied" : "copy")}
          </Button>
        </>
      )}
      <div className="flex flex-wrap items-center gap-2 pt-2">
        <Button size="small" look="bare" className="-ml-2.5" onClick={() => void revoke()}>
          {t("ownRevoke")}
        </Button>
        <p role="status" className="text-ink-soft text-small">
          {t(revoked ? "ownRevoked" : "ownRevokeText")}
        </p>
      </div>
      <p role="alert" className="pt-1.5 text-bad text-small empty:hidden">
        {failure}
      </p>
    </section>
  );
}
