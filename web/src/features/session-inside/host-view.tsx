import type { HostContainer, HostImage } from "@slipway/protocol";
import { Layers, SquareTerminal } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslations } from "use-intl";
import { Button } from "../../ui/button.tsx";
import { classNames } from "../../ui/class-names.ts";
import { useErrorSentence } from "../../ui/error-sentence.ts";
import { bytes } from "../../ui/format.ts";
import { ShownName } from "../../ui/shown-name.tsx";
import { shownText } from "../../ui/shown-text.ts";
import { OwnMachine } from "./own-machine-view.tsx";
import { useHost } from "./use-host.ts";

const CELL = "px-3 py-1.5 text-left align-top";
const SHORT_ID_CHARACTERS = 12;

export interface HostViewProps {
  readonly sessionId: string;
  readonly visible: boolean;
  /** Opens a terminal in a container, by its id; null while none can be opened. */
  readonly onTerminal: ((container: string) => void) | null;
  /** Looks into the layers of an image, by its id and what docker calls it. */
  readonly onLayers: (imageId: string, label: string) => void;
}

/** The containers and images that docker has made in a session. */
export function HostView({ sessionId, visible, onTerminal, onLayers }: HostViewProps) {
  const t = useTranslations("docker");
  const sentence = useErrorSentence();
  const { host, failure } = useHost(sessionId, visible);
  return (
    <section aria-label={t("title")} tabIndex={0} className="min-h-0 flex-1 overflow-auto p-4">
      <p className="max-w-[40rem] pb-3 text-ink-soft text-small">{t("text")}</p>
      {failure !== null && (
        <p role="status" className="mb-3 rounded-medium bg-warn-soft px-3 py-1.5 text-small">
          {sentence(failure)}
        </p>
      )}
      {host === null && failure === null && (
        <p role="status" className="tide text-ink-soft text-small">
          {t("looking")}
        </p>
      )}
      {host !== null && (
        <>
          <Containers containers={host.containers} onTerminal={onTerminal} />
          <Images images={host.images} onLayers={onLayers} />
          <OwnMachine sessionId={sessionId} />
          {host.cut && <p className="text-ink-soft text-small">{t("more")}</p>}
        </>
      )}
    </section>
  );
}

function Table(props: {
  readonly caption: string;
  readonly columns: readonly string[];
  readonly children: ReactNode;
}) {
  return (
    <table className="mb-5 w-full border-collapse text-small">
      <caption className="pb-1 text-left font-semibold">{props.caption}</caption>
      <thead>
        <tr className="border-line border-b text-ink-soft">
          {props.columns.map((column) => (
            <th key={column} scope="col" className={`${CELL} whitespace-nowrap font-medium`}>
              {column}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>{props.children}</tbody>
    </table>
  );
}

function Containers(props: {
  readonly containers: readonly HostContainer[];
  readonly onTerminal: HostViewProps["onTerminal"];
}) {
  const t = useTranslations("docker");
  if (props.containers.length === 0) {
    return (
      <div className="mb-5">
        <p className="font-semibold text-small">{t("none")}</p>
        <p className="max-w-[40rem] text-ink-soft text-small">{t("noneText")}</p>
      </div>
    );
  }
  const columns = ["name", "image", "state", "command", "ports", "open"] as const;
  return (
    <Table caption={t("containers")} columns={columns.map((name) => t(`column.${name}`))}>
      {props.containers.map((container) => (
        <ContainerRow key={container.id} container={container} onTerminal={props.onTerminal} />
      ))}
    </Table>
  );
}

function ContainerRow(props: {
  readonly container: HostContainer;
  readonly onTerminal: HostViewProps["onTerminal"];
}) {
  const t = useTranslations("docker");
  const { container, onTerminal } = props;
  const { id, name, image, state, exitCode, health, command, ports } = container;
  const runs = state === "running";
  return (
    <tr className="border-line border-b">
      <th scope="row" title={id} className={`${CELL} font-medium`}>
        {name}
      </th>
      <td className={`${CELL} break-all`}>{image}</td>
      <td className={`${CELL} whitespace-nowrap`}>
        <span
          aria-hidden="true"
          className={classNames(
            "mr-1.5 inline-block size-2 rounded-[50%]",
            runs && health !== "unhealthy" ? "bg-good" : runs ? "bg-bad" : "bg-line-strong",
          )}
        />
        {t(`state.${state}`, { code: String(exitCode ?? "–") })}
        {health !== null && runs && <span className="text-ink-soft"> · {t(`health.${health}`)}</span>}
      </td>
      <td title={shownText(command)} className={`${CELL} max-w-60 truncate font-mono max-medium:min-w-40`}>
        <ShownName name={command} />
      </td>
      <td className={`${CELL} whitespace-nowrap tabular-nums`}>
        {ports.map(({ port, hostPort, protocol }) => (
          <span key={`${hostPort}/${protocol}`} className="block">
            {t("port", { hostPort: String(hostPort), port: String(port), protocol })}
          </span>
        ))}
      </td>
      <td className={CELL}>
        {runs && (
          <Button
            size="small"
            look="bare"
            className="-my-1.5 -ml-2.5"
            aria-label={t("openTerminal", { name })}
            disabled={onTerminal === null}
            onClick={() => onTerminal?.(id)}
            icon={<SquareTerminal size={15} strokeWidth={1.75} aria-hidden="true" />}
          >
            {t("open")}
          </Button>
        )}
      </td>
    </tr>
  );
}

function Images(props: {
  readonly images: readonly HostImage[];
  readonly onLayers: HostViewProps["onLayers"];
}) {
  const t = useTranslations("docker");
  const columns = ["image", "id", "size", "layers"] as const;
  return (
    <Table caption={t("images")} columns={columns.map((name) => t(`column.${name}`))}>
      {props.images.map(({ id, names, bytes: size }) => (
        <tr key={id} className="border-line border-b">
          <th scope="row" className={`${CELL} break-all font-medium`}>
            {names.length === 0 ? <span className="text-ink-soft">{t("noName")}</span> : names.join(", ")}
          </th>
          <td className={`${CELL} font-mono text-ink-soft`}>{shortId(id)}</td>
          <td className={`${CELL} whitespace-nowrap tabular-nums`}>{bytes(size)}</td>
          <td className={CELL}>
            <Button
              size="small"
              look="bare"
              className="-my-1.5 -ml-2.5"
              aria-label={t("openLayers", { name: names[0] ?? shortId(id) })}
              onClick={() => props.onLayers(id, names[0] ?? shortId(id))}
              icon={<Layers size={15} strokeWidth={1.75} aria-hidden="true" />}
            >
              {t("open")}
            </Button>
          </td>
        </tr>
      ))}
    </Table>
  );
}

/** As `docker images` shows it: without the name of the algorithm. */
const shortId = (id: string): string => id.slice(id.indexOf(":") + 1).slice(0, SHORT_ID_CHARACTERS);
