import type {} from "use-intl";
import type { en } from "./en.ts";

/** The same keys with any text: what a translation has to bring. A missing or surplus key does not compile. */
type Translated<Tree> = {
  readonly [Key in keyof Tree]: Tree[Key] extends string ? string : Translated<Tree[Key]>;
};

export type Messages = Translated<typeof en>;

declare module "use-intl" {
  interface AppConfig {
    Messages: typeof en;
    Locale: "ko" | "en";
  }
}
