import { Download } from "lucide-react";
import { useTranslations } from "use-intl";
import { bytes } from "../../ui/format.ts";
import type { Draft } from "./draft.ts";

/** Stands in the editor's place for what it can't show. */
export function FileNotice({ file, href }: { readonly file: Draft; readonly href: string }) {
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
      <a
        href={href}
        download
        className="inline-flex h-9 items-center gap-2 rounded-medium border border-line-strong px-3.5 font-medium hover:bg-hover"
      >
        <Download size={16} strokeWidth={1.75} aria-hidden="true" />
        {t("download")}
      </a>
    </div>
  );
}
