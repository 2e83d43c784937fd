/** Keys that a phone's keyboard lacks. */
export type PressedKey =
  | "escape"
  | "tab"
  | "left"
  | "up"
  | "down"
  | "right"
  | "interrupt"
  | "pipe"
  | "dash"
  | "slash"
  | "tilde";

const PLAIN: Readonly<Record<Exclude<PressedKey, "left" | "up" | "down" | "right">, string>> = {
  escape: "\u001b",
  tab: "\t",
  interrupt: "\u0003",
  pipe: "|",
  dash: "-",
  slash: "/",
  tilde: "~",
};
const ARROWS = { up: "A", down: "B", right: "C", left: "D" } as const;

/** Modifier of xterm's key sequences for Ctrl (XTerm Control Sequences, "PC-Style Function Keys"). */
const WITH_CTRL = "1;5";

/** What a key sends. `application`: the program asked for the other form of arrow keys (DECCKM). */
export function bytesOf(
  key: PressedKey,
  { ctrl, application }: { ctrl: boolean; application: boolean },
): string {
  if (key in ARROWS) {
    const letter = ARROWS[key as keyof typeof ARROWS];
    if (ctrl) return `\u001b[${WITH_CTRL}${letter}`;
    return application ? `\u001bO${letter}` : `\u001b[${letter}`;
  }
  const plain = PLAIN[key as keyof typeof PLAIN];
  return ctrl ? withCtrl(plain) : plain;
}

/** What Ctrl makes of one typed character (ASCII, C0 control codes); all else stays as it is. */
export function withCtrl(typed: string): string {
  if (typed.length !== 1) return typed;
  if (typed === " ") return "\u0000";
  if (typed === "?") return "\u007f";
  const code = typed.toUpperCase().charCodeAt(0);
  return code >= 0x40 && code <= 0x5f ? String.fromCharCode(code - 0x40) : typed;
}
