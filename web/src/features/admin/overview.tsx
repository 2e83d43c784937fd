import { useLocale, useTranslations } from "use-intl";
import { type AdminOverview, rpc } from "../../rpc/client.ts";
import { Button } from "../../ui/button.tsx";
import { bytes, timeAgo } from "../../ui/format.ts";
import { PolledView } from "./polled-view.tsx";
import { Cell, Row, Table } from "./table.tsx";
import { usePolled } from "./use-polled.ts";

const ask = () => rpc.admin.overview.query();

/** Workers and figures of the whole place. */
export function Overview() {
  const { polled, again } = usePolled(ask);
  return (
    <PolledView polled={polled}>
      {(overview) => (
        <div className="flex flex-col gap-8">
          <Workers workers={overview.workers} onChanged={again} />
          <Figures overview={overview} />
        </div>
      )}
    </PolledView>
  );
}

type Worker = AdminOverview["workers"][number];

function Workers(props: { readonly workers: readonly Worker[]; readonly onChanged: () => Promise<void> }) {
  const t = useTranslations("admin");
  return (
    <section className="flex flex-col gap-3">
      <h2 className="font-semibold text-heading">{t("workers")}</h2>
      {props.workers.length === 0 ? (
        <p className="text-ink-soft">{t("noWorkers")}</p>
      ) : (
        <Table
          label={t("workers")}
          heads={[
            t("worker"),
            t("state"),
            t("runtime"),
            t("tabs.sessions"),
            t("tabs.builds"),
            t("disk"),
            t("actions"),
          ]}
        >
          {props.workers.map((worker) => (
            <WorkerRow key={worker.id} worker={worker} onChanged={props.onChanged} />
          ))}
        </Table>
      )}
      <p className="text-ink-faint text-small">{t("drainHint")}</p>
    </section>
  );
}

function WorkerRow({ worker, onChanged }: { worker: Worker; onChanged: () => Promise<void> }) {
  const t = useTranslations("admin");
  const language = useLocale();
  const { draining } = worker;
  const drain = async () => {
    await rpc.admin.drain.mutate({ workerId: worker.id, draining: !draining }).catch(() => undefined);
    await onChanged();
  };
  const presence = worker.connected
    ? t("connected")
    : t("away", { time: timeAgo(worker.lastSeenAt, Date.now(), language) });
  return (
    <Row>
      <Cell mono>{worker.id}</Cell>
      <Cell>{draining ? `${presence}, ${t("draining")}` : presence}</Cell>
      <Cell>{worker.hardened ? `${worker.runtime}, ${t("hardened")}` : worker.runtime}</Cell>
      <Cell>{t("load", { used: String(worker.sessions), all: String(worker.sessionCapacity) })}</Cell>
      <Cell>{t("load", { used: String(worker.builds), all: String(worker.buildCapacity) })}</Cell>
      <Cell>
        {worker.disk === null ? "–" : `${bytes(worker.disk.freeBytes)} / ${bytes(worker.disk.totalBytes)}`}
      </Cell>
      <Cell>
        <Button
          size="small"
          aria-label={draining ? t("undrainOf", { worker: worker.id }) : t("drainOf", { worker: worker.id })}
          onClick={() => void drain()}
        >
          {draining ? t("undrain") : t("drain")}
        </Button>
      </Cell>
    </Row>
  );
}

function Figures({ overview }: { readonly overview: AdminOverview }) {
  const t = useTranslations("admin");
  const { sessions, builds, users, storage } = overview;
  const figures: [string, string][] = [
    [t("liveSessions"), String(sessions.live)],
    [t("waitingSessions"), String(sessions.queued)],
    [t("runningBuilds"), String(builds.building)],
    [t("waitingBuilds"), String(builds.queued)],
    [t("hourBuilds"), String(builds.lastHour)],
    [t("members"), String(users.members)],
    [t("guests"), String(users.guests)],
    [t("playgrounds"), String(overview.playgrounds)],
    [t("database"), bytes(storage.databaseBytes)],
    [t("files"), bytes(storage.fileBytes)],
    [t("events"), bytes(storage.eventBytes)],
  ];
  return (
    <section className="flex flex-col gap-3">
      <h2 className="font-semibold text-heading">{t("figures")}</h2>
      <dl className="grid grid-cols-2 overflow-hidden rounded-medium border border-line bg-surface medium:grid-cols-4">
        {figures.map(([name, figure]) => (
          <div key={name} className="px-3 py-2 outline outline-line">
            <dt className="text-ink-faint text-small">{name}</dt>
            <dd className="font-semibold text-large tabular-nums">{figure}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
