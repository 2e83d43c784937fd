import type { GetServerSideProps, InferGetServerSidePropsType } from "next";
import { type Chrome, chromeOf } from "../../screens/chrome.ts";
import { DocumentTitle } from "../../screens/document-title.tsx";
import { messagesOf, readPreferences } from "../../screens/preferences.ts";
import { VisitPage } from "../../screens/visit/visit-screen.tsx";
import type { Messages } from "../../ui/messages/messages.ts";

/** The server has looked at the link before it comes here; what it opens, the browser asks for. */
export const getServerSideProps = (async ({ req, params }) => {
  const preferences = readPreferences(req);
  const { app, shared, terminal, terminalBar, errors, session } = messagesOf(preferences.language);
  return {
    props: {
      token: String(params?.token),
      chrome: chromeOf(preferences),
      messages: { app, shared, terminal, terminalBar, errors, session },
    },
  };
}) satisfies GetServerSideProps<{
  token: string;
  chrome: Chrome;
  messages: Pick<Messages, "app" | "shared" | "terminal" | "terminalBar" | "errors" | "session">;
}>;

export default function LinkPage(props: InferGetServerSidePropsType<typeof getServerSideProps>) {
  return (
    <>
      <DocumentTitle title={`${props.messages.shared.title} · ${props.chrome.name}`} isPrivate />
      <VisitPage key={props.token} {...props} />
    </>
  );
}
