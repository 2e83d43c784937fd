import { ReadingPage } from "./chrome.tsx";
import { NotFoundText } from "./not-found-text.tsx";
import { readPreferences } from "./preferences.ts";

export default async function NotFoundPage() {
  const preferences = await readPreferences();
  return (
    <ReadingPage preferences={preferences}>
      <NotFoundText language={preferences.language} />
    </ReadingPage>
  );
}
