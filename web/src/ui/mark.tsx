/** The mark: a hull with its waterline, on the slope that it will go down. */
export function Mark({ size = 26 }: { readonly size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <g transform="rotate(14 16 16)">
        <path d="M4 8h24l-2.2 6H5.4z" fill="var(--ink)" />
        <path d="M5.4 14h20.4l-1.5 4H6.4z" fill="var(--ink)" opacity="0.55" />
        <path d="M6.4 18h17.9l-1.1 3a3 3 0 0 1-2.8 2H9.9a3 3 0 0 1-2.9-2.2z" fill="var(--lead)" />
      </g>
      <path d="M1 21.6 31 29" stroke="var(--ink)" strokeWidth="2" strokeLinecap="round" />
    </svg>
  );
}
