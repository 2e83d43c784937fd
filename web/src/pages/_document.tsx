import type { IncomingMessage } from "node:http";
import Document, { type DocumentContext, Head, Html, Main, NextScript } from "next/document";
import { messagesOf, type Preferences, readPreferences } from "../screens/preferences.ts";

interface OwnProps extends Preferences {
  /** Empty where there is no policy. */
  readonly nonce: string;
}

/** The nonce of this answer's content security policy, as the server in front hands it over. */
const nonceOf = (request: IncomingMessage | undefined): string =>
  /'nonce-([A-Za-z0-9+/=]+)'/.exec(String(request?.headers["content-security-policy"]))?.[1] ?? "";

/** The cookies of a request; Next parses them for routes, not for documents. */
const cookiesOf = (request: IncomingMessage | undefined): Record<string, string> =>
  Object.fromEntries(
    (request?.headers.cookie ?? "").split(/; */).map((pair) => pair.split("=", 2) as [string, string]),
  );

/** The document: language and colours as this person wants them. */
export default class SlipwayDocument extends Document<OwnProps> {
  static override async getInitialProps(context: DocumentContext) {
    const { req } = context;
    const preferences = readPreferences({ headers: req?.headers ?? {}, cookies: cookiesOf(req) });
    return { ...(await Document.getInitialProps(context)), ...preferences, nonce: nonceOf(req) };
  }

  override render() {
    const { language, theme, nonce } = this.props;
    return (
      <Html lang={language} data-theme={theme === "system" ? undefined : theme}>
        <Head nonce={nonce}>
          <meta name="description" content={messagesOf(language).app.description} />
          <meta name="theme-color" media="(prefers-color-scheme: light)" content="#f6f2e9" />
          <meta name="theme-color" media="(prefers-color-scheme: dark)" content="#11181b" />
          <link rel="icon" href="/icon.svg" type="image/svg+xml" />
        </Head>
        <body>
          <Main />
          <NextScript nonce={nonce} />
        </body>
      </Html>
    );
  }
}
