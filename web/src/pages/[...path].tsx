import type { GetServerSideProps, InferGetServerSidePropsType } from "next";
import { type Chrome, chromeOf } from "../screens/chrome.ts";
import { DocumentTitle } from "../screens/document-title.tsx";
import { Notice, type NoticeTexts } from "../screens/notice.tsx";
import { readPreferences, translatorOf } from "../screens/preferences.ts";
import { ReadingPage } from "../screens/reading-page.tsx";

/** Every address that leads nowhere. A page of its own rather than Next's 404, which knows no language. */
export const getServerSideProps = (async ({ req, res }) => {
  res.statusCode = 404;
  const preferences = readPreferences(req);
  const t = translatorOf(preferences.language);
  return {
    props: {
      chrome: chromeOf(preferences),
      notice: { title: t("notFound.title"), text: t("notFound.text"), home: t("notFound.home") },
    },
  };
}) satisfies GetServerSideProps<{ chrome: Chrome; notice: NoticeTexts }>;

export default function MissingPage({
  chrome,
  notice,
}: InferGetServerSidePropsType<typeof getServerSideProps>) {
  return (
    <ReadingPage chrome={chrome}>
      <DocumentTitle title={`${notice.title} · ${chrome.name}`} />
      <Notice {...notice} />
    </ReadingPage>
  );
}
