import { type FormEvent, useState } from "react";
import { useLocale, useTranslations } from "use-intl";
import { type AdminSession, rpc } from "../../rpc/client.ts";
import { wireErrorOf } from "../../rpc/failure.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { useErrorSentence } from "../../ui/error-sentence.ts";
import { Labelled, TextInput } from "../../ui/field.tsx";
import { clock, timeAgo } from "../../ui/format.ts";
import { ownerName } from "./owner-name.ts";
import { PolledView } from "./polled-view.tsx";
import { Cell, Row, Table } from "./table.tsx";
import { usePolled } from "./use-polled.ts";

const ask = () => rpc.admin.sessions.query();
const MAX_REASON = 300;

/** Live sessions of everybody; any of them can be stopped. */
export function SessionList() {
  const t = useTranslations("admin");
  const language = useLocale();
  const { polled, again } = usePolled(ask);
  const [stopping, setStopping] = useState<AdminSession | null>(null);
  const heads = [t("owner"), t("playground"), t("state"), t("worker"), t("started"), t("ends"), t("actions")];
  return (
    <>
      <PolledView polled={polled}>
        {(sessions) =>
          sessions.length === 0 ? (
            <p className="text-ink-soft">{t("noSessions")}</p>
          ) : (
            <Table label={t("tabs.sessions")} heads={heads}>
              {sessions.map((session) => (
                <Row key={session.id}>
                  <Cell>{ownerName(session.owner)}</Cell>
                  <Cell>{session.playgroundName}</Cell>
                  <Cell>{t(`sessionStates.${session.state}`)}</Cell>
                  <Cell mono>{session.workerId ?? "–"}</Cell>
                  <Cell>{timeAgo(session.createdAt, Date.now(), language)}</Cell>
                  <Cell>{clock(session.expiresAt - Date.now())}</Cell>
                  <Cell>
                    <Button
                      size="small"
                      aria-haspopup="dialog"
                      aria-label={t("stopOf", { owner: session.owner.name })}
                      disabled={session.state === "stopping"}
                      onClick={() => setStopping(session)}
                    >
                      {t("stop")}
                    </Button>
                  </Cell>
                </Row>
              ))}
            </Table>
          )
        }
      </PolledView>
      {stopping !== null && (
        <StopDialog session={stopping} onClose={() => setStopping(null)} onStopped={again} />
      )}
    </>
  );
}

function StopDialog(props: {
  readonly session: AdminSession;
  readonly onClose: () => void;
  readonly onStopped: () => Promise<void>;
}) {
  const t = useTranslations("admin");
  const sentence = useErrorSentence();
  const [failure, setFailure] = useState<string | null>(null);
  const { session, onClose, onStopped } = props;
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const reason = String(new FormData(event.currentTarget).get("reason") ?? "");
    try {
      await rpc.admin.stopSession.mutate({ sessionId: session.id, reason });
      onClose();
      await onStopped();
    } catch (thrown) {
      setFailure(sentence(wireErrorOf(thrown)));
    }
  };
  return (
    <Dialog
      title={t("stopTitle", { owner: session.owner.name })}
      text={t("stopText")}
      closeLabel={t("close")}
      onClose={onClose}
    >
      <form className="flex flex-col gap-4 px-5 py-4" onSubmit={(event) => void submit(event)}>
        <Labelled label={t("reason")}>
          {(ids) => <TextInput {...ids} name="reason" maxLength={MAX_REASON} />}
        </Labelled>
        {failure !== null && (
          <p role="alert" className="text-bad">
            {failure}
          </p>
        )}
        <Button look="danger" type="submit" className="self-end">
          {t("stop")}
        </Button>
      </form>
    </Dialog>
  );
}
