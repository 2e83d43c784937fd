import type { GetServerSideProps, InferGetServerSidePropsType } from "next";
import { type Chrome, chromeOf } from "../screens/chrome.ts";
import { DocumentTitle } from "../screens/document-title.tsx";
import { LandingScreen } from "../screens/landing/landing-screen.tsx";
import { type LandingTexts, landingTexts } from "../screens/landing/landing-texts.ts";
import { readPreferences, translatorOf } from "../screens/preferences.ts";

export const getServerSideProps = (async ({ req }) => {
  const preferences = readPreferences(req);
  return {
    props: { chrome: chromeOf(preferences), texts: landingTexts(translatorOf(preferences.language)) },
  };
}) satisfies GetServerSideProps<{ chrome: Chrome; texts: LandingTexts }>;

export default function LandingPage(props: InferGetServerSidePropsType<typeof getServerSideProps>) {
  return (
    <>
      <DocumentTitle title={props.chrome.name} />
      <LandingScreen {...props} />
    </>
  );
}
