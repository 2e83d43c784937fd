import { type FormEvent, type ReactNode, useState } from "react";
import { useTranslations } from "use-intl";
import { type Person, rpc } from "../../rpc/client.ts";
import { wireErrorOf } from "../../rpc/failure.ts";
import { Button } from "../../ui/button.tsx";
import { Labelled, TextInput } from "../../ui/field.tsx";
import { AttemptNote } from "./attempt-note.tsx";
import { PasswordField, text } from "./entry-forms.tsx";
import { useAttempt } from "./use-attempt.ts";

interface Own {
  readonly person: Person;
  /** Asks again who the person is. */
  readonly onChanged: () => Promise<void>;
}

/** What one can do with one's own account. */
export function OwnAccount(own: Own) {
  return (
    <div className="grid gap-10 wide:grid-cols-2">
      <div className="flex max-w-[30rem] flex-col gap-10">
        <Profile {...own} />
        {own.person.role !== "operator" && <OperatorForm {...own} />}
      </div>
      <div className="flex max-w-[30rem] flex-col gap-10">
        <PasswordForm />
        <RemoveForm person={own.person} />
      </div>
    </div>
  );
}

function Part({ title, note, children }: { title: string; note?: string; children: ReactNode }) {
  return (
    <section className="flex flex-col gap-4">
      <div>
        <h2 className="font-semibold text-heading">{title}</h2>
        {note !== undefined && <p className="mt-1 text-ink-soft">{note}</p>}
      </div>
      {children}
    </section>
  );
}

function Profile({ person }: Own) {
  const t = useTranslations("account");
  const [attempt, run] = useAttempt();
  const signOut = async () => {
    if (await run(() => orNobody(rpc.account.signOut.mutate()))) window.location.assign("/");
  };
  return (
    <Part title={t("profile")}>
      <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-6 gap-y-1">
        <dt className="text-ink-faint">{t("name")}</dt>
        <dd className="truncate">{person.name}</dd>
        <dt className="text-ink-faint">{t("email")}</dt>
        <dd className="truncate">{person.email}</dd>
        <dt className="text-ink-faint">{t("role")}</dt>
        <dd>{t(`roles.${person.role}`)}</dd>
      </dl>
      {person.role === "operator" && (
        <a
          href="/admin"
          className="self-start font-medium text-sea underline decoration-1 underline-offset-4 hover:text-sea-strong"
        >
          {t("adminLink")}
        </a>
      )}
      <AttemptNote attempt={attempt} />
      <Button className="self-start" onClick={() => void signOut()}>
        {t("signOut")}
      </Button>
    </Part>
  );
}

function PasswordForm() {
  const t = useTranslations("account");
  const [attempt, run] = useAttempt();
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const given = new FormData(form);
    const change = { present: text(given, "present"), next: text(given, "next") };
    if (await run(() => rpc.account.changePassword.mutate(change))) form.reset();
  };
  return (
    <Part title={t("changePassword")} note={t("changePasswordText")}>
      <form className="flex flex-col gap-4" onSubmit={(event) => void submit(event)}>
        <PasswordField label={t("presentPassword")} name="present" />
        <PasswordField label={t("newPassword")} name="next" isNew />
        <AttemptNote attempt={attempt} done={t("passwordChanged")} />
        <Button type="submit" disabled={attempt.state === "busy"} className="self-start">
          {t("changePassword")}
        </Button>
      </form>
    </Part>
  );
}

function OperatorForm({ onChanged }: Own) {
  const t = useTranslations("account");
  const [attempt, run] = useAttempt();
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const code = text(new FormData(event.currentTarget), "code");
    if (await run(() => rpc.account.proveOperator.mutate({ code }))) await onChanged();
  };
  return (
    <details>
      <summary className="cursor-pointer text-ink-soft">{t("operator")}</summary>
      <form className="mt-3 flex flex-col gap-4" onSubmit={(event) => void submit(event)}>
        <p className="text-ink-soft text-small">{t("operatorText")}</p>
        <Labelled label={t("operatorCode")}>
          {(ids) => <TextInput {...ids} name="code" type="password" required maxLength={256} />}
        </Labelled>
        <AttemptNote attempt={attempt} />
        <Button type="submit" disabled={attempt.state === "busy"} className="self-start">
          {t("operatorProve")}
        </Button>
      </form>
    </details>
  );
}

/** Where the answer of a first try was lost, the next one finds nobody signed in: that is what was asked for. */
async function orNobody(leaving: Promise<unknown>): Promise<void> {
  await leaving.catch((thrown: unknown) => {
    if (wireErrorOf(thrown).code !== "not-signed-in") throw thrown;
  });
}

/** Two steps: what goes is said before the button that does it is there. */
export function RemoveForm({ person }: { readonly person: Person }) {
  const t = useTranslations("account");
  const [isSure, setSure] = useState(false);
  const [attempt, run] = useAttempt();
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const password = text(new FormData(event.currentTarget), "password");
    if (await run(() => orNobody(rpc.account.remove.mutate({ password })))) window.location.assign("/");
  };
  const title = person.guest ? t("removeGuest") : t("remove");
  return (
    <Part title={title} note={t("removeText")}>
      {isSure ? (
        <form className="flex flex-col gap-4" onSubmit={(event) => void submit(event)}>
          {!person.guest && <OptionalPassword />}
          <AttemptNote attempt={attempt} />
          <Button look="danger" type="submit" disabled={attempt.state === "busy"} className="self-start">
            {t("removeConfirm")}
          </Button>
        </form>
      ) : (
        <Button className="self-start" onClick={() => setSure(true)}>
          {title}
        </Button>
      )}
    </Part>
  );
}

/** Accounts of an OpenID provider have none. */
function OptionalPassword() {
  const t = useTranslations("account");
  return (
    <Labelled label={t("presentPassword")}>
      {(ids) => (
        <TextInput {...ids} name="password" type="password" maxLength={128} autoComplete="current-password" />
      )}
    </Labelled>
  );
}
