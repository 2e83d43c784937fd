import type { ReactNode } from "react";
import { StatusLine } from "../features/status/status-line.tsx";
import { PageHeader } from "../ui/page-header.tsx";
import type { Chrome } from "./chrome.ts";
import { PageTools } from "./page-tools.tsx";

/** A page to read: header, content in one column, footer with the state of the place. */
export function ReadingPage({ chrome, children }: { readonly chrome: Chrome; readonly children: ReactNode }) {
  return (
    <div className="mx-auto flex min-h-dvh max-w-[76rem] flex-col">
      <PageHeader name={chrome.name} homeLabel={chrome.home} end={<PageTools chrome={chrome} />} />
      <main className="flex flex-1 flex-col px-4 medium:px-5">{children}</main>
      <footer className="flex flex-wrap items-center justify-between gap-x-6 gap-y-1 px-4 py-5 text-ink-faint text-small medium:px-5">
        <StatusLine {...chrome.status} />
        <p>{chrome.source}</p>
      </footer>
    </div>
  );
}
