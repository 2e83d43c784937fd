import { errorSentences } from "../features/landing/creation-failures.ts";
import { MyPlaygrounds } from "../features/landing/my-playgrounds.tsx";
import { NewPlaygroundButton } from "../features/landing/new-playground-button.tsx";
import { SlipwayPicture } from "../features/landing/slipway-picture.tsx";
import { ReadingPage } from "./chrome.tsx";
import { readPreferences, translatorOf } from "./preferences.ts";

const STAGES = ["write", "build", "launch"] as const;

/** The start page: what this place is, and one way in. */
export default async function LandingPage() {
  const preferences = await readPreferences();
  const t = translatorOf(preferences.language);
  return (
    <ReadingPage preferences={preferences}>
      <section className="grid flex-1 items-center gap-x-14 gap-y-10 py-10 wide:grid-cols-[minmax(0,10fr)_minmax(0,11fr)] wide:py-14">
        <div className="flex flex-col items-start">
          <h1 className="text-title font-semibold tracking-[-0.025em]">{t("landing.title")}</h1>
          <p className="mt-5 mb-8 max-w-[34rem] text-large text-ink-soft">{t("landing.lead")}</p>
          <NewPlaygroundButton
            label={t("landing.create")}
            creating={t("landing.creating")}
            failures={errorSentences(t)}
          />
          <p className="mt-4 max-w-[30rem] text-small text-ink-faint">{t("landing.note")}</p>
        </div>
        <figure>
          <SlipwayPicture
            description={t("landing.picture")}
            labels={{
              image: t("landing.pictureImage"),
              container: t("landing.pictureContainer"),
              writable: t("landing.pictureWritable"),
            }}
          />
          <figcaption className="mt-3 max-w-[34rem] text-small text-ink-faint">
            {t("landing.pictureCaption")}
          </figcaption>
        </figure>
      </section>
      <div className="flex flex-col gap-12 pb-10">
        <MyPlaygrounds language={preferences.language} title={t("landing.mine")} />
        <dl className="grid gap-x-10 gap-y-6 border-t border-line pt-7 medium:grid-cols-3">
          {STAGES.map((stage) => (
            <div key={stage}>
              <dt className="mb-1 font-semibold">{t(`landing.${stage}`)}</dt>
              <dd className="max-w-[24rem] text-ink-soft">{t(`landing.${stage}Text`)}</dd>
            </div>
          ))}
        </dl>
      </div>
    </ReadingPage>
  );
}
