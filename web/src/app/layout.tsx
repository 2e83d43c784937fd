import "@fontsource-variable/jetbrains-mono/wght.css";
import "pretendard/dist/web/variable/pretendardvariable-dynamic-subset.css";
import "../ui/style/style.css";
import type { Metadata, Viewport } from "next";
import type { ReactNode } from "react";
import { readPreferences, translatorOf } from "./preferences.ts";

export async function generateMetadata(): Promise<Metadata> {
  const { language } = await readPreferences();
  const t = translatorOf(language);
  return {
    title: { default: t("app.name"), template: `%s · ${t("app.name")}` },
    description: t("app.description"),
  };
}

export const viewport: Viewport = {
  width: "device-width",
  initialScale: 1,
  themeColor: [
    { media: "(prefers-color-scheme: light)", color: "#f6f2e9" },
    { media: "(prefers-color-scheme: dark)", color: "#11181b" },
  ],
};

/** The document: language and colours as this person wants them. */
export default async function RootLayout({ children }: { readonly children: ReactNode }) {
  const { language, theme } = await readPreferences();
  return (
    <html lang={language} data-theme={theme === "system" ? undefined : theme}>
      <body>{children}</body>
    </html>
  );
}
