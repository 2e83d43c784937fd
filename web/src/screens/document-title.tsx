import Head from "next/head";

/** The words on the browser's tab; `robots` keeps search engines out of what is somebody's own. */
export function DocumentTitle({
  title,
  isPrivate = false,
}: {
  readonly title: string;
  readonly isPrivate?: boolean;
}) {
  return (
    <Head>
      <title>{title}</title>
      {isPrivate && <meta name="robots" content="noindex" />}
    </Head>
  );
}
