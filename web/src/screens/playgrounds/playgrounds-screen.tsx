import { IntlProvider } from "use-intl";
import { PlaygroundList } from "../../features/playgrounds/playground-list.tsx";
import type { en } from "../../ui/messages/en.ts";
import type { Messages } from "../../ui/messages/messages.ts";
import type { Chrome } from "../chrome.ts";
import { ReadingPage } from "../reading-page.tsx";

export interface PlaygroundsScreenProps {
  readonly chrome: Chrome;
  readonly messages: Pick<Messages, "playgrounds" | "errors">;
}

/** All playgrounds of a person. */
export function PlaygroundsScreen({ chrome, messages }: PlaygroundsScreenProps) {
  return (
    // Both languages have the shape of the English messages, which carry the types of the placeholders.
    <IntlProvider locale={chrome.switches.language} messages={messages as typeof en} timeZone="UTC">
      <ReadingPage chrome={chrome}>
        <PlaygroundList />
      </ReadingPage>
    </IntlProvider>
  );
}
