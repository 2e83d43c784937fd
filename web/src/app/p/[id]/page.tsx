import type { Metadata } from "next";
import { Status, Switches } from "../../chrome.tsx";
import { NotFoundText } from "../../not-found-text.tsx";
import { messagesOf, readPreferences, translatorOf } from "../../preferences.ts";
import { Workbench } from "./workbench.tsx";

export async function generateMetadata(): Promise<Metadata> {
  const { language } = await readPreferences();
  return { title: translatorOf(language)("playground.title"), robots: { index: false } };
}

/** A playground. The server gives the words; what is in it, the browser asks for. */
export default async function PlaygroundPage({ params }: { readonly params: Promise<{ id: string }> }) {
  const [{ id }, preferences] = await Promise.all([params, readPreferences()]);
  return (
    <Workbench
      key={id}
      playgroundId={id}
      language={preferences.language}
      messages={messagesOf(preferences.language)}
      switches={<Switches preferences={preferences} />}
      status={<Status preferences={preferences} />}
      missing={<NotFoundText language={preferences.language} />}
    />
  );
}
