import type { ErrorCode } from "@slipway/protocol";
import { LoaderCircle } from "lucide-react";
import { useState } from "react";
import { wireErrorOf } from "../../rpc/failure.ts";
import { createPlayground, type Template } from "../../rpc/plain.ts";
import type { Language } from "../../ui/language/language.ts";

export interface TemplateCard {
  readonly template: Template;
  readonly name: string;
  readonly text: string;
  /** What one learns from mending it; null for those that are whole. */
  readonly learn: string | null;
  /** What the card does, for those who hear it. */
  readonly use: string;
}

export interface TemplateGalleryProps {
  readonly language: Language;
  readonly title: string;
  readonly groups: readonly { readonly title: string; readonly cards: readonly TemplateCard[] }[];
  /** One finished sentence per error that can come of it, and one for all others. */
  readonly failures: Partial<Record<ErrorCode, string>> & { readonly internal: string };
}

/** What a playground can begin with, each a click away. */
export function TemplateGallery({ language, title, groups, failures }: TemplateGalleryProps) {
  const [making, setMaking] = useState<Template | null>(null);
  const [failed, setFailed] = useState<ErrorCode | null>(null);
  const make = async (template: Template) => {
    setMaking(template);
    setFailed(null);
    try {
      window.location.assign(`/p/${await createPlayground(template, language)}`);
    } catch (thrown) {
      setFailed(wireErrorOf(thrown).code);
      setMaking(null);
    }
  };
  return (
    <section aria-labelledby="templates">
      <h2 id="templates" className="mb-3 font-semibold text-large">
        {title}
      </h2>
      {groups.map((group) => (
        <div key={group.title} className="mb-5">
          <h3 className="mb-2 font-semibold text-ink-soft text-small">{group.title}</h3>
          <ul aria-label={group.title} className="grid gap-2 medium:grid-cols-2 wide:grid-cols-3">
            {group.cards.map((card) => (
              <li key={card.template}>
                <button
                  type="button"
                  aria-label={card.use}
                  aria-describedby={`template-${card.template}`}
                  disabled={making !== null}
                  onClick={() => void make(card.template)}
                  className="flex h-full w-full flex-col items-start rounded-medium border border-line bg-surface px-4 py-3 text-left transition-colors hover:border-line-strong disabled:opacity-60"
                >
                  <span className="flex items-center gap-2 font-semibold">
                    {card.name}
                    {making === card.template && (
                      <LoaderCircle size={16} className="motion-safe:animate-spin" aria-hidden="true" />
                    )}
                  </span>
                  <span id={`template-${card.template}`} className="text-ink-soft text-small">
                    {card.text}
                    {card.learn !== null && <span className="mt-1 block text-ink-faint">{card.learn}</span>}
                  </span>
                </button>
              </li>
            ))}
          </ul>
        </div>
      ))}
      <p role="alert" className="text-bad text-small empty:hidden">
        {failed === null ? null : (failures[failed] ?? failures.internal)}
      </p>
    </section>
  );
}
