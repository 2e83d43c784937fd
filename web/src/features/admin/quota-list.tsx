import { type FormEvent, useState } from "react";
import { useTranslations } from "use-intl";
import { type AdminQuotas, rpc } from "../../rpc/client.ts";
import { wireErrorOf } from "../../rpc/failure.ts";
import { Button } from "../../ui/button.tsx";
import { useErrorSentence } from "../../ui/error-sentence.ts";
import { Labelled, TextInput } from "../../ui/field.tsx";
import { PolledView } from "./polled-view.tsx";
import { FIGURES, shown, wishOf } from "./quota-form.ts";
import { usePolled } from "./use-polled.ts";

const ask = () => rpc.admin.quotas.query();

/** What one person of each role may take. */
export function QuotaList() {
  const t = useTranslations("admin");
  const { polled } = usePolled(ask);
  return (
    <div className="flex flex-col gap-5">
      <p className="max-w-[44rem] text-ink-soft">{t("quotasText")}</p>
      <PolledView polled={polled}>
        {({ roles, settings }) =>
          roles.map(({ role, wish }) => <RoleForm key={role} role={role} wish={wish} settings={settings} />)
        }
      </PolledView>
    </div>
  );
}

type RoleFormProps = AdminQuotas["roles"][number] & Pick<AdminQuotas, "settings">;

function RoleForm({ role, wish, settings }: RoleFormProps) {
  const t = useTranslations("admin");
  const roleName = useTranslations("account")(`roles.${role}`);
  const sentence = useErrorSentence();
  const [note, setNote] = useState<{ readonly good: boolean; readonly text: string } | null>(null);
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const next = wishOf(new FormData(event.currentTarget));
    const told = await rpc.admin.setQuota.mutate({ role, wish: next }).then(
      () => ({ good: true, text: t("saved") }),
      (thrown: unknown) => ({ good: false, text: sentence(wireErrorOf(thrown)) }),
    );
    setNote(told);
  };
  return (
    <form
      aria-label={roleName}
      className="mb-4 rounded-medium border border-line bg-surface px-4 py-3"
      onSubmit={(event) => void submit(event)}
    >
      <h2 className="mb-2 font-semibold">{roleName}</h2>
      <div className="grid grid-cols-2 gap-3 medium:grid-cols-3 wide:grid-cols-6">
        {FIGURES.map(({ name, field, unit }) => (
          <Labelled key={name} label={t(`quota.${name}`)}>
            {(ids) => (
              <TextInput
                {...ids}
                type="number"
                name={name}
                min={0}
                step={name === "cpus" ? 0.05 : 1}
                defaultValue={shown(wish[field], unit)}
                placeholder={shown(settings[field], unit)}
                aria-label={t("quotaOf", { quota: t(`quota.${name}`), role: roleName })}
              />
            )}
          </Labelled>
        ))}
      </div>
      <div className="mt-3 flex items-center justify-end gap-3">
        <p
          role={note?.good === false ? "alert" : "status"}
          className={note?.good === false ? "text-bad" : "text-good"}
        >
          {note?.text}
        </p>
        <Button size="small" type="submit" aria-label={t("saveOf", { role: roleName })}>
          {t("save")}
        </Button>
      </div>
    </form>
  );
}
