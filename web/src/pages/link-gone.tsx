import type { GetServerSideProps, InferGetServerSidePropsType } from "next";
import { type Chrome, chromeOf } from "../screens/chrome.ts";
import { DocumentTitle } from "../screens/document-title.tsx";
import { Notice, type NoticeTexts } from "../screens/notice.tsx";
import { readPreferences, translatorOf } from "../screens/preferences.ts";
import { ReadingPage } from "../screens/reading-page.tsx";

/** What every link that opens nothing leads to. */
export const getServerSideProps = (async ({ req, res }) => {
  res.statusCode = 404;
  const preferences = readPreferences(req);
  const t = translatorOf(preferences.language);
  return {
    props: {
      chrome: chromeOf(preferences),
      notice: { title: t("linkGone.title"), text: t("linkGone.text"), home: t("linkGone.home") },
    },
  };
}) satisfies GetServerSideProps<{ chrome: Chrome; notice: NoticeTexts }>;

export default function LinkGonePage({
  chrome,
  notice,
}: InferGetServerSidePropsType<typeof getServerSideProps>) {
  return (
    <ReadingPage chrome={chrome}>
      <DocumentTitle title={`${notice.title} · ${chrome.name}`} isPrivate />
      <Notice {...notice} />
    </ReadingPage>
  );
}
