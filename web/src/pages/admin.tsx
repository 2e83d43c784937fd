import type { GetServerSideProps, InferGetServerSidePropsType } from "next";
import { AdminScreen, type AdminScreenProps } from "../screens/admin/admin-screen.tsx";
import { chromeOf } from "../screens/chrome.ts";
import { DocumentTitle } from "../screens/document-title.tsx";
import { messagesOf, readPreferences } from "../screens/preferences.ts";

/** The words only: whoever is no operator gets nothing else from the server. */
export const getServerSideProps = (({ req }) => {
  const preferences = readPreferences(req);
  const { admin, account, errors } = messagesOf(preferences.language);
  return Promise.resolve({
    props: { chrome: chromeOf(preferences), messages: { admin, account, errors } },
  });
}) satisfies GetServerSideProps<AdminScreenProps>;

export default function AdminPage(props: InferGetServerSidePropsType<typeof getServerSideProps>) {
  return (
    <>
      <DocumentTitle title={`${props.messages.admin.title} · ${props.chrome.name}`} isPrivate />
      <AdminScreen {...props} />
    </>
  );
}
