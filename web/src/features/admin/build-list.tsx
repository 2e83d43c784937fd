import { useLocale, useTranslations } from "use-intl";
import { rpc } from "../../rpc/client.ts";
import { Button } from "../../ui/button.tsx";
import { duration, timeAgo } from "../../ui/format.ts";
import { ownerName } from "./owner-name.ts";
import { PolledView } from "./polled-view.tsx";
import { Cell, Row, Table } from "./table.tsx";
import { usePolled } from "./use-polled.ts";

const ask = () => rpc.admin.builds.query();

/** Builds of everybody; those that are not over can be cancelled. */
export function BuildList() {
  const t = useTranslations("admin");
  const language = useLocale();
  const { polled, again } = usePolled(ask);
  const cancel = async (buildId: string) => {
    await rpc.admin.cancelBuild.mutate({ buildId }).catch(() => undefined);
    await again();
  };
  const heads = [
    t("owner"),
    t("playground"),
    t("state"),
    t("worker"),
    t("started"),
    t("duration"),
    t("actions"),
  ];
  return (
    <PolledView polled={polled}>
      {(builds) =>
        builds.length === 0 ? (
          <p className="text-ink-soft">{t("noBuilds")}</p>
        ) : (
          <>
            <Table label={t("tabs.builds")} heads={heads}>
              {builds.map((build) => (
                <Row key={build.id}>
                  <Cell>{ownerName(build.owner)}</Cell>
                  <Cell>{build.playgroundName}</Cell>
                  <Cell>{t(`buildStates.${build.state}`)}</Cell>
                  <Cell mono>{build.workerId ?? "–"}</Cell>
                  <Cell>{timeAgo(build.createdAt, Date.now(), language)}</Cell>
                  <Cell>{build.durationMs === null ? "–" : duration(build.durationMs, language)}</Cell>
                  <Cell>
                    {(build.state === "queued" || build.state === "building") && (
                      <Button
                        size="small"
                        aria-label={t("cancelOf", { owner: build.owner.name })}
                        onClick={() => void cancel(build.id)}
                      >
                        {t("cancel")}
                      </Button>
                    )}
                  </Cell>
                </Row>
              ))}
            </Table>
            <p className="mt-2 text-ink-faint text-small">{t("newest", { count: String(builds.length) })}</p>
          </>
        )
      }
    </PolledView>
  );
}
