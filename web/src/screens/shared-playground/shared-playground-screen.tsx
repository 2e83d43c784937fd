import { IntlProvider } from "use-intl";
import { PlaygroundVisit } from "../../features/playground-sharing/visit.tsx";
import type { en } from "../../ui/messages/en.ts";
import type { Messages } from "../../ui/messages/messages.ts";
import type { Chrome } from "../chrome.ts";
import { ReadingPage } from "../reading-page.tsx";

export interface SharedPlaygroundScreenProps {
  readonly token: string;
  readonly chrome: Chrome;
  readonly messages: Pick<Messages, "playgrounds" | "errors">;
}

/** Somebody's playground, for whoever holds a link to it. */
export function SharedPlaygroundScreen({ token, chrome, messages }: SharedPlaygroundScreenProps) {
  return (
    // Both languages have the shape of the English messages, which carry the types of the placeholders.
    <IntlProvider locale={chrome.switches.language} messages={messages as typeof en} timeZone="UTC">
      <ReadingPage chrome={chrome}>
        <PlaygroundVisit token={token} />
      </ReadingPage>
    </IntlProvider>
  );
}
