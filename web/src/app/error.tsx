"use client";

import { Button } from "../ui/button.tsx";
import { broken } from "../ui/messages/broken.ts";

/** A defect while a page was drawn. Uses no message library, because that may be what broke. */
export default function ErrorPage({ reset }: { readonly error: Error; readonly reset: () => void }) {
  const language = typeof document !== "undefined" && document.documentElement.lang === "ko" ? "ko" : "en";
  const text = broken[language];
  return (
    <main className="mx-auto flex min-h-dvh max-w-[44rem] flex-col items-start justify-center gap-4 px-4">
      <h1 className="text-heading font-semibold">{text.title}</h1>
      <p className="text-ink-soft">{text.text}</p>
      <Button onClick={reset}>{text.retry}</Button>
    </main>
  );
}
