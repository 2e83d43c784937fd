import { Hammer, KeyRound } from "lucide-react";
import { useMemo } from "react";
import { useTranslations } from "use-intl";
import type { BuildWish } from "../../rpc/client.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { Check, FIELD, Labelled } from "../../ui/field.tsx";
import { dockerfileHints } from "./dockerfile-hints.ts";
import { OptionLists } from "./option-lists.tsx";
import { useOptionsDraft } from "./use-options-draft.ts";
import { type Remembered, wishOf } from "./wish.ts";

export interface BuildOptionsDialogProps {
  readonly remembered: Remembered;
  /** Text of the Dockerfile, for what it declares and asks for. */
  readonly dockerfile: string;
  readonly onBuild: (wish: BuildWish) => void;
  readonly onRegistries: () => void;
  readonly onClose: () => void;
}

/** Everything that a build can be told, and the button that starts it so. Secrets are gone when it closes. */
export function BuildOptionsDialog(props: BuildOptionsDialogProps) {
  const { remembered, dockerfile, onBuild, onRegistries, onClose } = props;
  const t = useTranslations("buildOptions");
  const hints = useMemo(() => dockerfileHints(dockerfile), [dockerfile]);
  const editing = useOptionsDraft(remembered, hints);
  const { draft, change } = editing;
  const build = () => {
    if (editing.check()) onBuild(wishOf(draft));
  };
  return (
    <Dialog
      title={t("title")}
      text={t("text")}
      closeLabel={t("cancel")}
      onClose={onClose}
      onKeyDown={(event) => {
        if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
        event.preventDefault();
        build();
      }}
    >
      <form
        className="flex min-h-0 flex-col"
        onSubmit={(event) => {
          event.preventDefault();
          build();
        }}
      >
        <div className="flex min-h-0 flex-col gap-5 overflow-y-auto px-5 py-4">
          <div className="grid gap-3 medium:grid-cols-2">
            <Check
              label={t("noCache")}
              hint={t("noCacheText")}
              checked={draft.noCache}
              onChange={(noCache) => change({ noCache })}
            />
            <Check
              label={t("pull")}
              hint={t("pullText")}
              checked={draft.pull}
              onChange={(pull) => change({ pull })}
            />
          </div>
          <TargetField
            target={draft.target}
            stages={hints.stages}
            onTarget={(target) => change({ target })}
          />
          <OptionLists editing={editing} hints={hints} />
        </div>
        <Actions onRegistries={onRegistries} onClose={onClose} />
      </form>
    </Dialog>
  );
}

function Actions({ onRegistries, onClose }: Pick<BuildOptionsDialogProps, "onRegistries" | "onClose">) {
  const t = useTranslations("buildOptions");
  return (
    <div className="flex flex-wrap items-center gap-2 border-line border-t px-5 py-3">
      <Button
        look="bare"
        className="-ml-2.5"
        title={t("registriesText")}
        icon={<KeyRound size={16} strokeWidth={1.75} aria-hidden="true" />}
        onClick={onRegistries}
      >
        {t("registries")}
      </Button>
      <Button className="ml-auto" onClick={onClose}>
        {t("cancel")}
      </Button>
      <Button look="primary" type="submit" icon={<Hammer size={16} strokeWidth={1.75} aria-hidden="true" />}>
        {t("build")}
      </Button>
    </div>
  );
}

/** The stage to build. One that the Dockerfile no longer has stays to be seen until it is changed. */
function TargetField(props: {
  readonly target: string | null;
  readonly stages: readonly string[];
  readonly onTarget: (target: string | null) => void;
}) {
  const t = useTranslations("buildOptions");
  const { target, stages, onTarget } = props;
  const names = target === null || stages.includes(target) ? stages : [...stages, target];
  return (
    <Labelled label={t("target")}>
      {(ids) => (
        <select
          {...ids}
          value={target ?? ""}
          onChange={({ currentTarget }) => onTarget(currentTarget.value === "" ? null : currentTarget.value)}
          className={`${FIELD} h-9`}
        >
          <option value="">{t("targetLast")}</option>
          {names.map((name) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </select>
      )}
    </Labelled>
  );
}
