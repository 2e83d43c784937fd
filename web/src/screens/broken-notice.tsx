import { Button } from "../ui/button.tsx";
import type { Language } from "../ui/language/language.ts";
import { broken } from "../ui/messages/broken.ts";

/** Says that something broke on our side. Uses no message library, because that may be what broke. */
export function BrokenNotice({ language }: { readonly language: Language }) {
  const text = broken[language];
  return (
    <main className="mx-auto flex min-h-dvh max-w-[44rem] flex-col items-start justify-center gap-4 px-4">
      <h1 className="font-semibold text-heading">{text.title}</h1>
      <p className="text-ink-soft">{text.text}</p>
      <Button onClick={() => window.location.reload()}>{text.retry}</Button>
    </main>
  );
}
