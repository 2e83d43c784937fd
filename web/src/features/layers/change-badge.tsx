import type { DirectoryEntry } from "@slipway/protocol";
import { useTranslations } from "use-intl";
import { classNames } from "../../ui/class-names.ts";

export type Change = Exclude<DirectoryEntry["change"], null>;

const LETTERS: Record<Change, string> = { added: "A", changed: "C", removed: "R", inside: "•" };
const LOOKS: Record<Change, string> = {
  added: "text-good",
  changed: "text-warn",
  removed: "text-bad",
  inside: "text-ink-faint",
};

/** What a layer does to a path, as a letter; its word is for screen readers and hints. */
export function ChangeBadge({ change }: { readonly change: Change | null }) {
  const t = useTranslations("layers");
  if (change === null) return <span className="w-4 shrink-0" />;
  return (
    <span
      title={t(`change.${change}`)}
      className={classNames("w-4 shrink-0 text-center font-mono font-semibold text-small", LOOKS[change])}
    >
      <span aria-hidden="true">{LETTERS[change]}</span>
      <span className="sr-only">{t(`change.${change}`)}</span>
    </span>
  );
}
