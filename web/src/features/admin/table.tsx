import type { ReactNode } from "react";

/** What scrolls has to be reachable by keyboard, also where nothing in it is (axe: scrollable-region-focusable). */
const REACHABLE = { tabIndex: 0 } as const;

/** A table that scrolls by itself where the screen is narrow; by keyboard as well. */
export function Table(props: {
  readonly label: string;
  readonly heads: readonly string[];
  readonly children: ReactNode;
}) {
  return (
    <section
      aria-label={props.label}
      {...REACHABLE}
      className="overflow-x-auto rounded-medium border border-line bg-surface"
    >
      <table className="w-full border-collapse text-small">
        <thead>
          <tr className="border-line border-b text-left text-ink-faint">
            {props.heads.map((head) => (
              <th key={head} scope="col" className="whitespace-nowrap px-3 py-2 font-medium">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{props.children}</tbody>
      </table>
    </section>
  );
}

export function Row({ children }: { readonly children: ReactNode }) {
  return <tr className="border-line border-b align-middle last:border-b-0">{children}</tr>;
}

export function Cell({ children, mono = false }: { readonly children: ReactNode; readonly mono?: boolean }) {
  return (
    <td className={`max-w-[18rem] truncate px-3 py-1.5 ${mono ? "font-mono text-[0.75rem]" : ""}`}>
      {children}
    </td>
  );
}
