import type { GetServerSideProps, InferGetServerSidePropsType } from "next";
import { type Chrome, chromeOf } from "../../screens/chrome.ts";
import { DocumentTitle } from "../../screens/document-title.tsx";
import { Workbench } from "../../screens/playground/workbench.tsx";
import { messagesOf, readPreferences } from "../../screens/preferences.ts";
import type { Messages } from "../../ui/messages/messages.ts";

/** The server gives the words; what is in the playground, the browser asks for. */
export const getServerSideProps = (async ({ req, params }) => {
  const preferences = readPreferences(req);
  return {
    props: {
      playgroundId: String(params?.id),
      chrome: chromeOf(preferences),
      messages: messagesOf(preferences.language),
    },
  };
}) satisfies GetServerSideProps<{ playgroundId: string; chrome: Chrome; messages: Messages }>;

export default function PlaygroundPage(props: InferGetServerSidePropsType<typeof getServerSideProps>) {
  return (
    <>
      <DocumentTitle title={`${props.messages.playground.title} · ${props.chrome.name}`} isPrivate />
      <Workbench key={props.playgroundId} {...props} />
    </>
  );
}
