import type { ILinkHandler } from "@xterm/xterm";

/** Where a link of a program in a container may lead. */
const PROTOCOLS: ReadonlySet<string> = new Set(["http:", "https:"]);

/** The address of a link that a program printed (OSC 8), or null when it is one that a page must not open. */
export function safeAddress(text: string): string | null {
  try {
    const url = new URL(text);
    return PROTOCOLS.has(url.protocol) && url.username === "" && url.password === "" ? url.href : null;
  } catch {
    return null;
  }
}

/**
 * Links open in a window of their own that knows nothing of this page, and only after the person has seen the address: what a
 * program shows in place of it is a stranger's word.
 */
export const safeLinks: ILinkHandler = {
  activate: (_event, text) => {
    const address = safeAddress(text);
    if (address !== null && window.confirm(address)) window.open(address, "_blank", "noopener,noreferrer");
  },
  allowNonHttpProtocols: false,
};
