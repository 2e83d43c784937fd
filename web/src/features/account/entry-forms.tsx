import { type FormEvent, useState } from "react";
import { useTranslations } from "use-intl";
import { rpc } from "../../rpc/client.ts";
import { Button } from "../../ui/button.tsx";
import { Labelled, TextInput } from "../../ui/field.tsx";
import { AttemptNote } from "./attempt-note.tsx";
import { useAttempt } from "./use-attempt.ts";

/** As the control plane has it. */
export const LEAST_PASSWORD = 10;
const MOST_PASSWORD = 128;

export interface EntryProps {
  /** Whether the form for a new account comes first. */
  readonly isNewFirst: boolean;
  /** Name of the OpenID provider, where there is one. */
  readonly oidc: string | null;
  /** Where to go with an account. */
  readonly to: string;
  /** What came back with the browser from an OpenID provider that did not let it in. */
  readonly failure: string | null;
}

/** Ways into an account: e-mail and password, a new account, the OpenID provider. */
export function Entry({ isNewFirst, oidc, to, failure }: EntryProps) {
  const t = useTranslations("account");
  const [isNew, setNew] = useState(isNewFirst);
  const enter = () => window.location.assign(to);
  return (
    <div className="flex max-w-[26rem] flex-col gap-5">
      {failure !== null && (
        <p role="alert" className="rounded-medium bg-bad-soft px-4 py-2">
          {failure === "account_not_linked"
            ? t("oidcTaken")
            : t("oidcFailed", { provider: oidc ?? "OpenID" })}
        </p>
      )}
      {oidc !== null && <OidcButton provider={oidc} to={to} />}
      {isNew ? <SignUpForm onEntered={enter} /> : <SignInForm onEntered={enter} />}
      <Button look="bare" className="self-start" onClick={() => setNew(!isNew)}>
        {isNew ? t("hasAccount") : t("noAccount")}
      </Button>
    </div>
  );
}

function OidcButton({ provider, to }: { readonly provider: string; readonly to: string }) {
  const t = useTranslations("account");
  const [attempt, run] = useAttempt();
  const start = () =>
    run(async () => window.location.assign((await rpc.account.startOidc.mutate({ to })).url));
  return (
    <div className="flex flex-col gap-3">
      <Button size="large" disabled={attempt.state === "busy"} onClick={() => void start()}>
        {t("with", { provider })}
      </Button>
      <AttemptNote attempt={attempt} />
      <p className="text-center text-ink-faint text-small">{t("or")}</p>
    </div>
  );
}

interface FormProps {
  readonly onEntered: () => void;
}

function SignUpForm({ onEntered }: FormProps) {
  const t = useTranslations("account");
  const [attempt, run] = useAttempt();
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const given = new FormData(event.currentTarget);
    const wish = {
      name: text(given, "name"),
      email: text(given, "email"),
      password: text(given, "password"),
    };
    if (await run(() => rpc.account.signUp.mutate(wish))) onEntered();
  };
  return (
    <form className="flex flex-col gap-4" onSubmit={(event) => void submit(event)}>
      <h2 className="font-semibold text-heading">{t("signUp")}</h2>
      <Labelled label={t("name")} hint={t("nameHint")}>
        {(ids) => <TextInput {...ids} name="name" required maxLength={64} autoComplete="name" />}
      </Labelled>
      <EmailField />
      <PasswordField label={t("password")} name="password" isNew />
      <AttemptNote attempt={attempt} />
      <Button look="primary" type="submit" disabled={attempt.state === "busy"} className="self-start">
        {attempt.state === "busy" ? t("working") : t("signUp")}
      </Button>
    </form>
  );
}

function SignInForm({ onEntered }: FormProps) {
  const t = useTranslations("account");
  const [attempt, run] = useAttempt();
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const given = new FormData(event.currentTarget);
    const login = { email: text(given, "email"), password: text(given, "password") };
    if (await run(() => rpc.account.signIn.mutate(login))) onEntered();
  };
  return (
    <form className="flex flex-col gap-4" onSubmit={(event) => void submit(event)}>
      <h2 className="font-semibold text-heading">{t("signIn")}</h2>
      <EmailField />
      <PasswordField label={t("password")} name="password" />
      <AttemptNote attempt={attempt} />
      <Button look="primary" type="submit" disabled={attempt.state === "busy"} className="self-start">
        {attempt.state === "busy" ? t("working") : t("signIn")}
      </Button>
    </form>
  );
}

/** What was typed into a field of a form. */
export function text(given: FormData, name: string): string {
  const value = given.get(name);
  return typeof value === "string" ? value : "";
}

function EmailField() {
  const t = useTranslations("account");
  return (
    <Labelled label={t("email")}>
      {(ids) => (
        <TextInput
          {...ids}
          name="email"
          type="email"
          required
          maxLength={254}
          autoComplete="email"
          autoCapitalize="none"
        />
      )}
    </Labelled>
  );
}

export function PasswordField(props: {
  readonly label: string;
  readonly name: string;
  readonly isNew?: boolean;
}) {
  const t = useTranslations("account");
  const { label, name, isNew = false } = props;
  return (
    <Labelled label={label} {...(isNew && { hint: t("passwordHint", { least: String(LEAST_PASSWORD) }) })}>
      {(ids) => (
        <TextInput
          {...ids}
          name={name}
          type="password"
          required
          minLength={isNew ? LEAST_PASSWORD : undefined}
          maxLength={MOST_PASSWORD}
          autoComplete={isNew ? "new-password" : "current-password"}
        />
      )}
    </Labelled>
  );
}
