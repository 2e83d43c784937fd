import type { ErrorCode } from "@slipway/protocol";
import type { TemplateCard, TemplateGalleryProps } from "../../features/landing/template-gallery.tsx";
import { errorValues } from "../../ui/error-sentence.ts";
import type { Translate } from "../preferences.ts";

export interface LandingTexts {
  readonly title: string;
  readonly lead: string;
  readonly create: string;
  readonly creating: string;
  readonly note: string;
  readonly mine: string;
  readonly all: string;
  readonly templates: string;
  readonly templateGroups: TemplateGalleryProps["groups"];
  readonly picture: string;
  readonly caption: string;
  readonly labels: { readonly image: string; readonly container: string; readonly writable: string };
  readonly stages: readonly { readonly name: string; readonly text: string }[];
  readonly failures: Partial<Record<ErrorCode, string>> & { readonly internal: string };
}

/** Most playgrounds of one person, as the control plane has it. */
const MOST_PLAYGROUNDS = 200;
/** What a new playground may be refused for: its person has as many as they may. */
const TOO_MANY = errorValues({ what: "playgrounds", limit: MOST_PLAYGROUNDS });

const STARTS = ["node", "docker-host", "python", "static-site", "multi-stage", "redis"] as const;
const REPAIRS = ["broken-copy", "broken-package", "broken-stage", "broken-script"] as const;

function cardOf(
  t: Translate,
  template: (typeof STARTS)[number] | (typeof REPAIRS)[number],
  learn: string | null,
): TemplateCard {
  const name = t(`templates.${template}.name`);
  return { template, name, text: t(`templates.${template}.text`), learn, use: t("templates.use", { name }) };
}

/** All that the start page says, and of the error sentences those that it may need. */
export const landingTexts = (t: Translate): LandingTexts => ({
  title: t("landing.title"),
  lead: t("landing.lead"),
  create: t("landing.create"),
  creating: t("landing.creating"),
  note: t("landing.note"),
  mine: t("landing.mine"),
  all: t("playgrounds.all"),
  templates: t("templates.title"),
  templateGroups: [
    { title: t("templates.starts"), cards: STARTS.map((template) => cardOf(t, template, null)) },
    {
      title: t("templates.repairs"),
      cards: REPAIRS.map((template) => {
        return cardOf(t, template, t("templates.learn", { what: t(`templates.${template}.learn`) }));
      }),
    },
  ],
  picture: t("landing.picture"),
  caption: t("landing.pictureCaption"),
  labels: {
    image: t("landing.pictureImage"),
    container: t("landing.pictureContainer"),
    writable: t("landing.pictureWritable"),
  },
  stages: [
    { name: t("landing.write"), text: t("landing.writeText") },
    { name: t("landing.build"), text: t("landing.buildText") },
    { name: t("landing.launch"), text: t("landing.launchText") },
  ],
  failures: {
    "rate-limited": t("errors.rate-limited"),
    "not-signed-in": t("errors.not-signed-in"),
    "request-invalid": t("errors.request-invalid"),
    "files-too-large": t("errors.files-too-large", TOO_MANY),
    internal: t("errors.internal"),
  },
});
