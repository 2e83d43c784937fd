import type { GetServerSideProps, InferGetServerSidePropsType } from "next";
import { type Chrome, chromeOf } from "../screens/chrome.ts";
import { DocumentTitle } from "../screens/document-title.tsx";
import { PlaygroundsScreen } from "../screens/playgrounds/playgrounds-screen.tsx";
import { messagesOf, readPreferences } from "../screens/preferences.ts";
import type { Messages } from "../ui/messages/messages.ts";

/** The server gives the words; the list, the browser asks for. */
export const getServerSideProps = (async ({ req }) => {
  const preferences = readPreferences(req);
  const { playgrounds, errors } = messagesOf(preferences.language);
  return { props: { chrome: chromeOf(preferences), messages: { playgrounds, errors } } };
}) satisfies GetServerSideProps<{
  chrome: Chrome;
  messages: Pick<Messages, "playgrounds" | "errors">;
}>;

export default function PlaygroundsPage(props: InferGetServerSidePropsType<typeof getServerSideProps>) {
  return (
    <>
      <DocumentTitle title={`${props.messages.playgrounds.title} · ${props.chrome.name}`} isPrivate />
      <PlaygroundsScreen {...props} />
    </>
  );
}
