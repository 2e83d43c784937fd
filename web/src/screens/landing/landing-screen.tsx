import { MyPlaygrounds } from "../../features/landing/my-playgrounds.tsx";
import { NewPlaygroundButton } from "../../features/landing/new-playground-button.tsx";
import { SlipwayPicture } from "../../features/landing/slipway-picture.tsx";
import { TemplateGallery } from "../../features/landing/template-gallery.tsx";
import type { Chrome } from "../chrome.ts";
import { ReadingPage } from "../reading-page.tsx";
import type { LandingTexts } from "./landing-texts.ts";

/** The start page: what this place is, and one way in. */
export function LandingScreen({ chrome, texts }: { readonly chrome: Chrome; readonly texts: LandingTexts }) {
  return (
    <ReadingPage chrome={chrome}>
      <section className="grid flex-1 items-center gap-x-14 gap-y-10 py-10 wide:grid-cols-[minmax(0,10fr)_minmax(0,11fr)] wide:py-14">
        <div className="flex flex-col items-start">
          <h1 className="font-semibold text-title tracking-[-0.025em]">{texts.title}</h1>
          <p className="mt-5 mb-8 max-w-[34rem] text-ink-soft text-large">{texts.lead}</p>
          <NewPlaygroundButton
            language={chrome.switches.language}
            label={texts.create}
            creating={texts.creating}
            failures={texts.failures}
          />
          <p className="mt-4 max-w-[30rem] text-ink-faint text-small">{texts.note}</p>
        </div>
        <figure>
          <SlipwayPicture description={texts.picture} labels={texts.labels} />
          <figcaption className="mt-3 max-w-[34rem] text-ink-faint text-small">{texts.caption}</figcaption>
        </figure>
      </section>
      <div className="flex flex-col gap-12 pb-10">
        <MyPlaygrounds language={chrome.switches.language} title={texts.mine} all={texts.all} />
        <TemplateGallery
          language={chrome.switches.language}
          title={texts.templates}
          groups={texts.templateGroups}
          failures={texts.failures}
        />
        <dl className="grid gap-x-10 gap-y-6 border-line border-t pt-7 medium:grid-cols-3">
          {texts.stages.map((stage) => (
            <div key={stage.name}>
              <dt className="mb-1 font-semibold">{stage.name}</dt>
              <dd className="max-w-[24rem] text-ink-soft">{stage.text}</dd>
            </div>
          ))}
        </dl>
      </div>
    </ReadingPage>
  );
}
