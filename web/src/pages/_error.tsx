import type { NextPageContext } from "next";
import { BrokenNotice } from "../screens/broken-notice.tsx";
import { type Language, negotiateLanguage } from "../ui/language/language.ts";

/** A defect of the server while it drew a page. */
export default function ErrorPage({ language }: { readonly language: Language }) {
  return <BrokenNotice language={language} />;
}

ErrorPage.getInitialProps = ({ req }: NextPageContext): { language: Language } => ({
  language: negotiateLanguage(undefined, req?.headers["accept-language"] ?? navigator.language),
});
