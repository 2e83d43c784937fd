export interface NoticeTexts {
  readonly title: string;
  readonly text: string;
  readonly home: string;
  /** Where `home` leads; the start page. */
  readonly href?: string;
}

/** Says why there is nothing here, and the way back. */
export function Notice({ title, text, home, href = "/" }: NoticeTexts) {
  return (
    <div className="flex flex-1 flex-col items-start justify-center gap-4 pb-24">
      <h1 className="font-semibold text-title tracking-[-0.02em]">{title}</h1>
      <p className="text-ink-soft text-large">{text}</p>
      <a
        href={href}
        className="mt-2 font-medium text-sea underline decoration-1 underline-offset-4 hover:text-sea-strong"
      >
        {home}
      </a>
    </div>
  );
}
