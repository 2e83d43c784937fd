import type { ImageAbout } from "@slipway/protocol";
import type { ReactNode } from "react";
import { useLocale, useTranslations } from "use-intl";
import { duration } from "../../ui/format.ts";
import { ShownName } from "../../ui/shown-name.tsx";
import { commandLine, typed } from "./command-line.ts";

/** What the config of the image says, in words. */
export function ConfigTab({ about }: { readonly about: ImageAbout }) {
  const t = useTranslations("layers.config");
  return (
    <div tabIndex={0} className="min-h-0 flex-1 overflow-y-auto px-4 py-3 -outline-offset-2">
      <dl className="grid max-w-[48rem] gap-x-6 gap-y-4 medium:grid-cols-[9rem_minmax(0,1fr)]">
        <Entry name={t("command")}>
          <Command about={about} />
        </Entry>
        <Entry name={t("user")}>
          {about.user === "" ? <p>{t("userRoot")}</p> : <Said value={about.user}>{t("userText")}</Said>}
        </Entry>
        <Entry name={t("workingDir")}>
          <Said value={about.workingDir || "/"}>{t("workingDirText")}</Said>
        </Entry>
        <Entry name={t("env")}>
          <Values values={about.env} none={t("envNone")}>
            {t("envText")}
          </Values>
        </Entry>
        <Entry name={t("ports")}>
          <Values values={about.exposedPorts} none={t("portsNone")}>
            {t("portsText")}
          </Values>
        </Entry>
        <Entry name={t("volumes")}>
          <Values values={about.volumes} none={t("volumesNone")}>
            {t("volumesText")}
          </Values>
        </Entry>
        <Entry name={t("stop")}>
          {about.stopSignal === null ? (
            <p>{t("stopDefault")}</p>
          ) : (
            <Said value={about.stopSignal}>{t("stopText")}</Said>
          )}
        </Entry>
        <Entry name={t("health")}>
          <Health about={about} />
        </Entry>
        <Entry name={t("shell")}>
          {about.shell === null ? (
            <p>{t("shellDefault")}</p>
          ) : (
            <Said value={typed(about.shell)}>{t("shellText")}</Said>
          )}
        </Entry>
        <Entry name={t("labels")}>
          <Values values={about.labels.map(({ key, value }) => `${key}=${value}`)} none={t("labelsNone")}>
            {t("labelsText")}
          </Values>
        </Entry>
        {about.onBuild.length > 0 && (
          <Entry name={t("onBuild")}>
            <Values values={about.onBuild} none="">
              {t("onBuildText")}
            </Values>
          </Entry>
        )}
        <Entry name={t("platform")}>
          <Said value={`${about.os}/${about.architecture}`}>{t("platformText")}</Said>
        </Entry>
        <Entry name={t("id")}>
          <Said value={about.imageId}>{t("idText")}</Said>
        </Entry>
      </dl>
    </div>
  );
}

function Entry({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div className="contents">
      <dt className="font-semibold text-small">{name}</dt>
      <dd className="min-w-0">{children}</dd>
    </div>
  );
}

function Said({ value, children }: { readonly value: string; readonly children: string }) {
  return (
    <>
      <code className="text-small [overflow-wrap:anywhere]">
        <ShownName name={value} />
      </code>
      <p className="text-ink-soft text-small">{children}</p>
    </>
  );
}

function Values(props: {
  readonly values: readonly string[];
  readonly none: string;
  readonly children: string;
}) {
  if (props.values.length === 0) return <p>{props.none}</p>;
  return (
    <>
      <ul>
        {props.values.map((value) => (
          <li key={value}>
            <code className="text-small [overflow-wrap:anywhere]">
              <ShownName name={value} />
            </code>
          </li>
        ))}
      </ul>
      <p className="text-ink-soft text-small">{props.children}</p>
    </>
  );
}

/** The line that a container runs, and what of it `docker run` replaces. */
function Command({ about }: { readonly about: ImageAbout }) {
  const t = useTranslations("layers.config");
  const { kind, words, isShellForm } = commandLine(about);
  if (kind === "none") return <p>{t("commandNone")}</p>;
  return (
    <>
      <pre className="overflow-x-auto whitespace-pre-wrap rounded-medium bg-sunk px-3 py-2 text-small [overflow-wrap:anywhere]">
        <ShownName name={typed(words)} />
      </pre>
      <p className="mt-1 text-ink-soft text-small">
        {kind === "both" && t("commandBoth")}
        {kind === "entrypoint" && t("commandEntrypoint")}
        {kind === "command" && t("commandCmd")}
      </p>
      {kind === "both" && (
        <ul className="mt-1 text-small">
          <li>
            ENTRYPOINT{" "}
            <code>
              <ShownName name={typed(about.entrypoint ?? [])} />
            </code>
          </li>
          <li>
            CMD{" "}
            <code>
              <ShownName name={typed(about.cmd ?? [])} />
            </code>
          </li>
        </ul>
      )}
      {isShellForm && <p className="mt-1 text-ink-soft text-small">{t("commandShell")}</p>}
    </>
  );
}

function Health({ about: { healthcheck } }: { readonly about: ImageAbout }) {
  const t = useTranslations("layers.config");
  const language = useLocale();
  const [how, ...rest] = healthcheck?.test ?? [];
  if (healthcheck === null || how === undefined || how === "NONE") return <p>{t("healthNone")}</p>;
  const command =
    how === "CMD" ? typed(rest) : how === "CMD-SHELL" ? (rest[0] ?? "") : typed(healthcheck.test);
  const time = (ms: number | null, standard: number) => duration(ms ?? standard, language);
  return (
    <Said value={command}>
      {t("healthText", {
        interval: time(healthcheck.intervalMs, DEFAULT_INTERVAL_MS),
        timeout: time(healthcheck.timeoutMs, DEFAULT_INTERVAL_MS),
        retries: healthcheck.retries ?? DEFAULT_RETRIES,
      })}
    </Said>
  );
}

/** Docker's own, where the image does not say. */
const DEFAULT_INTERVAL_MS = 30_000;
const DEFAULT_RETRIES = 3;
