import { useTranslations } from "use-intl";
import type { DockerfileHints } from "./dockerfile-hints.ts";
import { RowList } from "./row-list.tsx";
import type { ListName, OptionsEditing } from "./use-options-draft.ts";

/** Build arguments, secrets and ssh keys: three lists of names and values. */
export function OptionLists(props: { readonly editing: OptionsEditing; readonly hints: DockerfileHints }) {
  const { draft, change, problems } = props.editing;
  const t = useTranslations("buildOptions");
  const common = (kind: ListName) => ({
    rows: draft[kind],
    problem: problems[kind],
    onRows: (rows: (typeof draft)[ListName]) => change({ [kind]: rows }),
  });
  return (
    <>
      <RowList
        {...common("buildArgs")}
        title={t("args")}
        text={t("argsText")}
        suggested={props.hints.args}
        hidden={false}
        labels={{
          name: t("name"),
          value: t("value"),
          add: t("addArg"),
          nameOf: (number) => t("argName", { number }),
          valueOf: (name) => t("argValue", { name }),
        }}
      />
      <RowList
        {...common("secrets")}
        title={t("secrets")}
        text={t("secretsText")}
        suggested={props.hints.secrets}
        hidden
        labels={{
          name: t("id"),
          value: t("value"),
          add: t("addSecret"),
          nameOf: (number) => t("secretId", { number }),
          valueOf: (name) => t("secretValue", { name }),
        }}
      />
      <RowList
        {...common("sshKeys")}
        title={t("sshKeys")}
        text={t("sshKeysText")}
        suggested={props.hints.sshKeys}
        hidden
        labels={{
          name: t("id"),
          value: t("key"),
          add: t("addSsh"),
          nameOf: (number) => t("sshId", { number }),
          valueOf: (name) => t("sshValue", { name }),
        }}
      />
    </>
  );
}
