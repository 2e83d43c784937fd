import type { GetServerSideProps, InferGetServerSidePropsType } from "next";
import { AccountScreen, type AccountScreenProps } from "../screens/account/account-screen.tsx";
import { chromeOf } from "../screens/chrome.ts";
import { DocumentTitle } from "../screens/document-title.tsx";
import { messagesOf, readPreferences } from "../screens/preferences.ts";

export const getServerSideProps = (({ req }) => {
  const preferences = readPreferences(req);
  const { account, errors } = messagesOf(preferences.language);
  return Promise.resolve({ props: { chrome: chromeOf(preferences), messages: { account, errors } } });
}) satisfies GetServerSideProps<AccountScreenProps>;

export default function AccountPage(props: InferGetServerSidePropsType<typeof getServerSideProps>) {
  return (
    <>
      <DocumentTitle title={`${props.messages.account.title} · ${props.chrome.name}`} isPrivate />
      <AccountScreen {...props} />
    </>
  );
}
