import type { GetServerSideProps, InferGetServerSidePropsType } from "next";
import { type Chrome, chromeOf } from "../screens/chrome.ts";
import { DocumentTitle } from "../screens/document-title.tsx";
import { Notice, type NoticeTexts } from "../screens/notice.tsx";
import { readPreferences, translatorOf } from "../screens/preferences.ts";
import { ReadingPage } from "../screens/reading-page.tsx";

/** Where people end up who may not have a ticket for a preview. */
export const getServerSideProps = (async ({ req, res }) => {
  res.statusCode = 401;
  const preferences = readPreferences(req);
  const t = translatorOf(preferences.language);
  return {
    props: {
      chrome: chromeOf(preferences),
      notice: {
        title: t("previewRefused.title"),
        text: t("previewRefused.text"),
        home: t("previewRefused.home"),
      },
    },
  };
}) satisfies GetServerSideProps<{ chrome: Chrome; notice: NoticeTexts }>;

export default function PreviewRefusedPage({
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
