import { useTranslations } from "use-intl";
import { bytes } from "../../ui/format.ts";
import type { Draft } from "./draft.ts";

/** Stands in the editor's place for what it can't show. */
export function FileNotice({ file }: { readonly file: Draft }) {
  const t = useTranslations("files");
  if (file.isText) {
    return (
      <p role="status" className="tide m-auto text-ink-soft">
        {t("opening")}
      </p>
    );
  }
  return (
    <div className="m-auto flex max-w-[24rem] flex-col items-center gap-3 p-6 text-center">
      <p className="break-all font-medium font-mono">{file.path}</p>
      <p className="text-ink-soft">{t("notText", { size: bytes(file.bytes) })}</p>
    </div>
  );
}
