import type { WireError } from "@slipway/protocol";
import { useCallback, useEffect, useState } from "react";
import { useLocale, useTranslations } from "use-intl";
import { type AuditEntry, rpc } from "../../rpc/client.ts";
import { wireErrorOf } from "../../rpc/failure.ts";
import { Button } from "../../ui/button.tsx";
import { useErrorSentence } from "../../ui/error-sentence.ts";
import { SearchField } from "./search-field.tsx";
import { Cell, Row, Table } from "./table.tsx";

/** Entries of one answer; fewer mean that there are no older ones. */
const PAGE = 50;

/** Who did what to what, the newest first. */
export function AuditLog() {
  const t = useTranslations("admin");
  const language = useLocale();
  const sentence = useErrorSentence();
  const { entries, more, failure, search, older } = useAudit();
  return (
    <>
      <SearchField hint={t("searchAudit")} onSearch={search} />
      {failure !== null && (
        <p role="alert" className="mb-3 text-bad">
          {sentence(failure)}
        </p>
      )}
      {entries.length === 0 ? (
        <p className="text-ink-soft">{t("noEntries")}</p>
      ) : (
        <Table label={t("tabs.audit")} heads={[t("time"), t("name"), t("action"), t("subject"), t("detail")]}>
          {entries.map((entry) => (
            <Row key={entry.id}>
              <Cell>{new Date(entry.at).toLocaleString(language)}</Cell>
              <Cell>{entry.actorName}</Cell>
              <Cell mono>{entry.action}</Cell>
              <Cell mono>{entry.subject}</Cell>
              <Cell>{entry.detail}</Cell>
            </Row>
          ))}
        </Table>
      )}
      <div className="mt-3 flex items-center justify-between gap-4">
        <p className="text-ink-faint text-small">{t("auditText")}</p>
        {more && (
          <Button size="small" onClick={() => void older()}>
            {t("older")}
          </Button>
        )}
      </div>
    </>
  );
}

function useAudit() {
  const [words, setWords] = useState("");
  const [entries, setEntries] = useState<readonly AuditEntry[]>([]);
  const [more, setMore] = useState(false);
  const [failure, setFailure] = useState<WireError | null>(null);
  useEffect(() => {
    let current = true;
    rpc.admin.audit.query({ words, before: null }).then(
      (found) => {
        if (!current) return;
        setEntries(found);
        setMore(found.length === PAGE);
        setFailure(null);
      },
      (thrown: unknown) => current && setFailure(wireErrorOf(thrown)),
    );
    return () => {
      current = false;
    };
  }, [words]);
  const older = async () => {
    try {
      const found = await rpc.admin.audit.query({ words, before: entries.at(-1)?.id ?? null });
      setEntries([...entries, ...found]);
      setMore(found.length === PAGE);
    } catch (thrown) {
      setFailure(wireErrorOf(thrown));
    }
  };
  const search = useCallback((text: string) => setWords(text), []);
  return { entries, more, failure, search, older };
}
