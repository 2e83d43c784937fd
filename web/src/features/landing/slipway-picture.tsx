export interface SlipwayPictureProps {
  /** What the picture shows, in a sentence or two. */
  readonly description: string;
  readonly labels: { readonly image: string; readonly container: string; readonly writable: string };
}

const STRAKES = [
  {
    path: "M0 0H292L278 36H4Z",
    fill: "var(--ink-soft)",
    text: "var(--surface)",
    y: 23,
    label: "RUN npm install",
  },
  { path: "M4 38H277L260 74H9Z", fill: "var(--sea)", text: "var(--on-sea)", y: 61, label: "ADD app.js" },
  {
    path: "M9 76H259L242 104Q238 112 228 112H26Q15 112 13 103Z",
    fill: "var(--lead)",
    text: "var(--on-lead)",
    y: 99,
    label: "FROM node",
  },
] as const;

/** A hull whose strakes are the layers of an image; the base image is the bottom. */
function Hull() {
  return STRAKES.map((strake) => (
    <g key={strake.label}>
      <path d={strake.path} fill={strake.fill} />
      <text
        x={26}
        y={strake.y}
        fill={strake.text}
        fontFamily="var(--font-code)"
        fontSize="17"
        fontWeight="500"
      >
        {strake.label}
      </text>
    </g>
  ));
}

function Water() {
  return (
    <g stroke="var(--sea)" strokeWidth="2" fill="none" strokeLinecap="round">
      <path d="M338 382q14-9 28 0t28 0 28 0 28 0 28 0 28 0 28 0 28 0 28 0 28 0 28 0" opacity="0.9" />
      <path d="M394 402q14-8 28 0t28 0 28 0 28 0 28 0 28 0" opacity="0.5" />
      <path d="M478 420q14-7 28 0t28 0 28 0" opacity="0.28" />
    </g>
  );
}

/** The idea of the place: an image's layers on the slope, and the container that came of them afloat. */
export function SlipwayPicture({ description, labels }: SlipwayPictureProps) {
  const caption = { fill: "var(--ink-faint)", fontFamily: "var(--font-text)", fontSize: 16 };
  return (
    <svg viewBox="0 0 680 430" role="img" aria-label={description} className="h-auto w-full">
      <g>
        <path d="M4 176 356 283.5" stroke="var(--line-strong)" strokeWidth="3" strokeLinecap="round" />
        <path
          d="M40 190v60M110 211v54M180 233v48M250 254v42M320 275v36"
          stroke="var(--line)"
          strokeWidth="3"
          strokeLinecap="round"
        />
        <g transform="translate(58 76) rotate(17)">
          <Hull />
          <path d="M246 111h22l-22-11z" fill="var(--line-strong)" />
        </g>
        <text x={70} y={54} {...caption}>
          {labels.image}
        </text>
      </g>
      <g className="bob">
        <g transform="translate(372 262)">
          <path
            d="M-4 -32H300L293 -3H-1Z"
            fill="none"
            stroke="var(--ink-soft)"
            strokeWidth="1.75"
            strokeDasharray="6 5"
          />
          <text x={26} y={-12} fill="var(--ink-soft)" fontFamily="var(--font-text)" fontSize="16">
            {labels.writable}
          </text>
          <path d="M214 -32v-62" stroke="var(--ink-soft)" strokeWidth="2" strokeLinecap="round" />
          <path
            d="M216 -96h80l-11 14 11 14h-80z"
            fill="var(--lead-soft)"
            stroke="var(--lead)"
            strokeWidth="1.5"
          />
          <text x={224} y={-76} fill="var(--ink)" fontFamily="var(--font-code)" fontSize="16">
            :8080
          </text>
          <Hull />
        </g>
        <text x={386} y={212} {...caption}>
          {labels.container}
        </text>
      </g>
      <rect x="330" y="376" width="350" height="54" fill="var(--paper)" opacity="0.78" />
      <Water />
    </svg>
  );
}
