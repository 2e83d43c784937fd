import type { ErrorCode } from "@slipway/protocol";
import type {} from "use-intl";
import type { en } from "./en.ts";

/** The same keys with any text: what a translation has to bring. A missing or surplus key does not compile. */
type Translated<Tree> = {
  readonly [Key in keyof Tree]: Tree[Key] extends string ? string : Translated<Tree[Key]>;
};

export type Messages = Translated<typeof en>;

/**
 * What the compiler reads placeholders from. Sentences of errors are chosen by a code that is known at run time only and
 * share one set of values, so their texts stay out of it: a test fills every one of them instead.
 */
export type TypedMessages = Omit<typeof en, "errors"> & {
  readonly errors: Readonly<Record<ErrorCode, string>>;
};

declare module "use-intl" {
  interface AppConfig {
    Messages: TypedMessages;
    Locale: "ko" | "en";
  }
}
