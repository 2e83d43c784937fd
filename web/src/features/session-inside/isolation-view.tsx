import type { ContainerInside, SessionInside, SessionLimits } from "@slipway/protocol";
import type { ReactNode } from "react";
import { useTranslations } from "use-intl";
import { classNames } from "../../ui/class-names.ts";
import { binaryBytes, bytes } from "../../ui/format.ts";
import { Looking, useContainerName } from "./looking.tsx";
import type { InsideProps } from "./processes-view.tsx";
import { useInside } from "./use-inside.ts";

/** What keeps each container of a session apart, in words and with the kernel's own numbers. */
export function IsolationView({
  sessionId,
  visible,
  limits,
}: InsideProps & { readonly limits: SessionLimits }) {
  const t = useTranslations("inside");
  const nameOf = useContainerName();
  const { inside, failure } = useInside(sessionId, visible);
  return (
    <Looking label={t("isolation")} inside={inside} failure={failure}>
      {({ containers, worker }) =>
        containers.map((container) => (
          <article key={container.id} className="mb-8 max-w-[52rem]">
            <h3 className="pb-2 font-semibold">{nameOf(container)}</h3>
            <Namespaces container={container} worker={worker} />
            <Users container={container} />
            <Rights container={container} />
            <Limits container={container} limits={limits} />
          </article>
        ))
      }
    </Looking>
  );
}

function Part({
  title,
  text,
  children,
}: {
  readonly title: string;
  readonly text: string;
  readonly children: ReactNode;
}) {
  return (
    <section className="pb-5">
      <h4 className="font-medium text-small">{title}</h4>
      <p className="pb-2 text-ink-soft text-small">{text}</p>
      {children}
    </section>
  );
}

function Namespaces({
  container,
  worker,
}: {
  readonly container: ContainerInside;
  readonly worker: SessionInside["worker"];
}) {
  const t = useTranslations("inside");
  return (
    <Part title={t("namespaces")} text={t("namespacesText")}>
      <dl className="grid gap-x-4 medium:grid-cols-2">
        {container.namespaces.map(({ kind, id, of }) => {
          const outside = worker.find((one) => one.kind === kind)?.id;
          return (
            <div key={kind} className="border-line border-t py-1.5 text-small">
              <dt className="flex flex-wrap items-baseline justify-between gap-x-3">
                <span className="font-medium">{t(`namespaceTitle.${kind}`)}</span>
                <span
                  className={classNames(
                    "rounded-small px-1.5",
                    of === "own" ? "bg-sea-soft text-ink" : "bg-warn-soft text-ink",
                  )}
                >
                  {t(`whose.${of}`)}
                </span>
              </dt>
              <dd className="text-ink-soft">{t(`namespaceText.${kind}`)}</dd>
              <dd className="font-mono text-ink-soft">
                {of === "worker" || outside === undefined
                  ? t("namespaceShared", { id: String(id) })
                  : t("namespaceIds", { id: String(id), worker: String(outside) })}
              </dd>
            </div>
          );
        })}
      </dl>
    </Part>
  );
}

function Users({ container }: { readonly container: ContainerInside }) {
  const t = useTranslations("inside");
  return (
    <Part title={t("users")} text={t("usersText")}>
      <ul className="font-mono text-small">
        {container.uids.map(({ inside, outside, count }) => (
          <li key={inside}>
            {t("userMap", {
              inside: String(inside),
              insideEnd: String(inside + count - 1),
              outside: String(outside),
              outsideEnd: String(outside + count - 1),
            })}
          </li>
        ))}
      </ul>
    </Part>
  );
}

function Rights({ container }: { readonly container: ContainerInside }) {
  const t = useTranslations("inside");
  const { capabilities, noNewPrivileges, seccomp } = container;
  return (
    <Part title={t("rights")} text={t("rightsText", { count: String(capabilities.length) })}>
      <ul className="flex flex-wrap gap-1.5 pb-2">
        {capabilities.map((name) => (
          <li key={name} className="rounded-small bg-sunk px-1.5 font-mono text-small">
            {name}
          </li>
        ))}
      </ul>
      {noNewPrivileges && <p className="text-small">{t("noNewPrivileges")}</p>}
      {seccomp && <p className="text-small">{t("seccomp")}</p>}
    </Part>
  );
}

function Limits({
  container,
  limits,
}: {
  readonly container: ContainerInside;
  readonly limits: SessionLimits;
}) {
  const t = useTranslations("inside");
  return (
    <Part title={t("limits")} text={t("limitsText", { cgroup: container.cgroup })}>
      <ul className="list-disc pl-5 text-small">
        <li>{t("limit.memory", { value: binaryBytes(limits.memoryBytes) })}</li>
        <li>{t("limit.cpus", { value: String(limits.cpus) })}</li>
        <li>{t("limit.pids", { value: String(limits.pids) })}</li>
        <li>{t("limit.disk", { value: binaryBytes(limits.diskBytes) })}</li>
        <li>{t("limit.files", { value: String(limits.openFiles) })}</li>
        <li>{t("limit.network", { value: bytes(limits.networkBytesPerSecond) })}</li>
      </ul>
    </Part>
  );
}
