import { useCallback, useState } from "react";
import { useLocale, useTranslations } from "use-intl";
import { type AdminUser, rpc } from "../../rpc/client.ts";
import { Button } from "../../ui/button.tsx";
import { timeAgo } from "../../ui/format.ts";
import { PolledView } from "./polled-view.tsx";
import { SearchField } from "./search-field.tsx";
import { Cell, Row, Table } from "./table.tsx";
import { usePolled } from "./use-polled.ts";

/** Accounts and guests, and what the operator can do for them: nothing here sends mail. */
export function UserList() {
  const t = useTranslations("admin");
  const tAccount = useTranslations("account");
  const language = useLocale();
  const [search, setSearch] = useState("");
  const ask = useCallback(() => rpc.admin.users.query({ search }), [search]);
  const { polled, again } = usePolled(ask);
  const [told, setTold] = useState<{ readonly name: string; readonly password: string } | null>(null);
  const prove = async ({ id }: AdminUser) => {
    await rpc.admin.proveEmail.mutate({ userId: id }).catch(() => undefined);
    await again();
  };
  const reset = async ({ id, name }: AdminUser) => {
    const made = await rpc.admin.resetPassword.mutate({ userId: id }).catch(() => null);
    setTold(made && { name, password: made.password });
  };
  const heads = [
    t("name"),
    t("email"),
    t("role"),
    t("playgrounds"),
    t("liveSessions"),
    t("started"),
    t("actions"),
  ];
  return (
    <>
      <SearchField hint={t("searchUsers")} onSearch={setSearch} />
      {told !== null && (
        <p role="status" className="mb-4 break-words rounded-medium bg-sea-soft px-4 py-2">
          {t("resetDone", told)}
        </p>
      )}
      <PolledView polled={polled}>
        {(users) =>
          users.length === 0 ? (
            <p className="text-ink-soft">{t("noUsers")}</p>
          ) : (
            <Table label={t("tabs.users")} heads={heads}>
              {users.map((user) => (
                <Row key={user.id}>
                  <Cell>{user.name}</Cell>
                  <Cell>{emailOf(user, t("proved"))}</Cell>
                  <Cell>{tAccount(`roles.${user.role}`)}</Cell>
                  <Cell>{user.playgrounds}</Cell>
                  <Cell>{user.liveSessions}</Cell>
                  <Cell>{timeAgo(user.createdAt, Date.now(), language)}</Cell>
                  <Cell>
                    {user.email !== null && (
                      <span className="flex gap-1">
                        {!user.emailProved && (
                          <Button
                            size="small"
                            aria-label={t("proveOf", { name: user.name })}
                            onClick={() => void prove(user)}
                          >
                            {t("prove")}
                          </Button>
                        )}
                        <Button
                          size="small"
                          aria-label={t("resetOf", { name: user.name })}
                          onClick={() => void reset(user)}
                        >
                          {t("reset")}
                        </Button>
                      </span>
                    )}
                  </Cell>
                </Row>
              ))}
            </Table>
          )
        }
      </PolledView>
    </>
  );
}

function emailOf({ email, emailProved }: AdminUser, proved: string): string {
  if (email === null) return "–";
  return emailProved ? `${email} (${proved})` : email;
}
