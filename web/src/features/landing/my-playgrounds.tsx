import { useEffect, useState } from "react";
import { listPlaygrounds } from "../../rpc/plain.ts";
import { timeAgo } from "../../ui/format.ts";
import type { Language } from "../../ui/language/language.ts";

/** Playgrounds that the start page names. */
const SHOWN = 6;

type Playground = Awaited<ReturnType<typeof listPlaygrounds>>[number];

export interface MyPlaygroundsProps {
  readonly language: Language;
  readonly title: string;
  /** Leads to the page that has all of them. */
  readonly all: string;
}

/** The person's newest playgrounds. Says nothing while there are none: a newcomer has nothing to see here. */
export function MyPlaygrounds({ language, title, all }: MyPlaygroundsProps) {
  const [playgrounds, setPlaygrounds] = useState<readonly Playground[]>([]);
  useEffect(() => {
    listPlaygrounds().then(setPlaygrounds, () => setPlaygrounds([]));
  }, []);
  if (playgrounds.length === 0) return null;

  return (
    <section aria-labelledby="my-playgrounds" className="appear">
      <div className="mb-3 flex items-baseline gap-4">
        <h2 id="my-playgrounds" className="font-semibold text-base">
          {title}
        </h2>
        <a href="/playgrounds" className="ml-auto text-ink-soft text-small underline underline-offset-2">
          {all}
        </a>
      </div>
      <ul className="grid gap-2 medium:grid-cols-2 wide:grid-cols-3">
        {playgrounds.slice(0, SHOWN).map((playground) => (
          <li key={playground.id}>
            <a
              href={`/p/${playground.id}`}
              className="flex items-baseline justify-between gap-4 rounded-medium border border-line bg-surface px-4 py-3 transition-colors hover:border-line-strong"
            >
              <span className="truncate font-medium">{playground.name}</span>
              <time
                dateTime={new Date(playground.savedAt).toISOString()}
                className="shrink-0 text-small text-ink-faint"
              >
                {timeAgo(playground.savedAt, Date.now(), language)}
              </time>
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}
