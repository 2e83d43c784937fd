import { LogOut } from "lucide-react";
import { type FormEvent, useState } from "react";
import { useTranslations } from "use-intl";
import type { RegistryLoginView } from "../../rpc/client.ts";
import { Button, IconButton } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { useErrorSentence } from "../../ui/error-sentence.ts";
import { Labelled, TextInput } from "../../ui/field.tsx";
import { type Change, type Logins, type RegistryLogins, useRegistryLogins } from "./use-registry-logins.ts";

/** The person's logins to registries: list, add, remove. */
export function RegistryDialog({ onClose }: { readonly onClose: () => void }) {
  const t = useTranslations("registries");
  const registryLogins = useRegistryLogins();
  return (
    <Dialog title={t("title")} text={t("text")} closeLabel={t("close")} onClose={onClose}>
      <div className="flex min-h-0 flex-col gap-5 overflow-y-auto px-5 py-4">
        <LoginList
          logins={registryLogins.logins}
          onRemove={(registry) => void registryLogins.remove(registry)}
        />
        <LoginForm save={registryLogins.save} busy={registryLogins.change.state === "busy"} />
        <ChangeNote change={registryLogins.change} />
      </div>
    </Dialog>
  );
}

function LoginList(props: { readonly logins: Logins; readonly onRemove: (registry: string) => void }) {
  const t = useTranslations("registries");
  const sentence = useErrorSentence();
  const { logins, onRemove } = props;
  if (logins.state === "loading") return <p className="tide text-ink-faint">{t("loading")}</p>;
  if (logins.state === "failed") return <p className="text-bad">{sentence(logins.error)}</p>;
  if (logins.list.length === 0) return <p className="text-ink-soft">{t("none")}</p>;
  return (
    <ul aria-label={t("title")} className="-mt-2">
      {logins.list.map((login) => (
        <LoginRow key={login.registry} login={login} onRemove={onRemove} />
      ))}
    </ul>
  );
}

function LoginRow({
  login: { registry, username },
  onRemove,
}: {
  readonly login: RegistryLoginView;
  readonly onRemove: (registry: string) => void;
}) {
  const t = useTranslations("registries");
  return (
    <li className="flex items-center gap-3 border-line border-b py-2 last:border-b-0">
      <code className="min-w-0 truncate text-small">{registry}</code>
      <span className="min-w-0 truncate text-ink-faint text-small">
        {username === null ? t("locked") : t("as", { username })}
      </span>
      <IconButton label={t("remove", { registry })} onClick={() => onRemove(registry)} className="ml-auto">
        <LogOut size={16} strokeWidth={1.75} aria-hidden="true" />
      </IconButton>
    </li>
  );
}

const EMPTY = { registry: "", username: "", password: "" };

function LoginForm({ save, busy }: Pick<RegistryLogins, "save"> & { readonly busy: boolean }) {
  const t = useTranslations("registries");
  const [login, setLogin] = useState(EMPTY);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (await save(login)) setLogin(EMPTY);
  };
  const field = (name: keyof typeof EMPTY) => ({
    value: login[name],
    required: true,
    onChange: (event: { currentTarget: HTMLInputElement }) =>
      setLogin({ ...login, [name]: event.currentTarget.value }),
  });
  return (
    <form onSubmit={(event) => void submit(event)} className="flex flex-col gap-3">
      <h3 className="font-medium">{t("add")}</h3>
      <Labelled label={t("registry")} hint={t("registryHint")}>
        {(ids) => <TextInput {...ids} {...field("registry")} inputMode="url" autoCapitalize="none" />}
      </Labelled>
      <div className="grid gap-3 medium:grid-cols-2">
        <Labelled label={t("username")}>
          {(ids) => <TextInput {...ids} {...field("username")} autoCapitalize="none" maxLength={256} />}
        </Labelled>
        <Labelled label={t("password")}>
          {(ids) => (
            <TextInput
              {...ids}
              {...field("password")}
              type="password"
              autoComplete="new-password"
              maxLength={16_384}
            />
          )}
        </Labelled>
      </div>
      <Button look="primary" type="submit" disabled={busy} className="self-end">
        {t(busy ? "saving" : "save")}
      </Button>
    </form>
  );
}

function ChangeNote({ change }: { readonly change: Change }) {
  const t = useTranslations("registries");
  const sentence = useErrorSentence();
  switch (change.state) {
    case "none":
    case "busy":
      return <p role="status" className="sr-only" />;
    case "refused":
      return (
        <p role="alert" className="rounded-medium bg-bad-soft px-4 py-2">
          {sentence(change.error)}
        </p>
      );
    case "saved":
    case "removed":
      return (
        <p role="status" className="text-good">
          {t(change.state, { registry: change.registry })}
        </p>
      );
  }
}
