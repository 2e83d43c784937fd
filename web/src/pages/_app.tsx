import "@fontsource-variable/jetbrains-mono/wght.css";
import "pretendard/dist/web/variable/pretendardvariable-dynamic-subset.css";
import "../ui/style/style.css";
import type { AppProps } from "next/app";
import Head from "next/head";
import { ErrorBoundary } from "../screens/error-boundary.tsx";

/** Around every page. */
export default function App({ Component, pageProps }: AppProps) {
  return (
    <ErrorBoundary>
      <Head>
        <meta name="viewport" content="width=device-width, initial-scale=1" />
      </Head>
      <Component {...pageProps} />
    </ErrorBoundary>
  );
}
