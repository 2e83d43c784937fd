import type { GetServerSideProps, InferGetServerSidePropsType } from "next";
import { type Chrome, chromeOf } from "../../screens/chrome.ts";
import { DocumentTitle } from "../../screens/document-title.tsx";
import { messagesOf, readPreferences } from "../../screens/preferences.ts";
import { SharedPlaygroundScreen } from "../../screens/shared-playground/shared-playground-screen.tsx";
import type { Messages } from "../../ui/messages/messages.ts";

/** The server gives the words; what the link opens, the browser asks for. */
export const getServerSideProps = (async ({ req, res, params }) => {
  const preferences = readPreferences(req);
  const { playgrounds, errors } = messagesOf(preferences.language);
  // The address is the secret: it goes nowhere else.
  res.setHeader("Referrer-Policy", "no-referrer");
  res.setHeader("X-Robots-Tag", "noindex");
  return {
    props: {
      token: String(params?.token),
      chrome: chromeOf(preferences),
      messages: { playgrounds, errors },
    },
  };
}) satisfies GetServerSideProps<{
  token: string;
  chrome: Chrome;
  messages: Pick<Messages, "playgrounds" | "errors">;
}>;

export default function SharedPlaygroundPage(props: InferGetServerSidePropsType<typeof getServerSideProps>) {
  return (
    <>
      <DocumentTitle title={`${props.messages.playgrounds.visit.title} · ${props.chrome.name}`} isPrivate />
      <SharedPlaygroundScreen key={props.token} {...props} />
    </>
  );
}
