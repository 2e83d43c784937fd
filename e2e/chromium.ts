import { existsSync } from "node:fs";

/** Where Debian, Ubuntu and others put Chromium; CHROMIUM_PATH overrides. */
const PLACES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** Flags without which a headless Chromium calls home, or refuses to run as root. */
const FLAGS = [
  "--no-sandbox",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--disable-gpu",
];

/** Launch options for the machine's own Chromium; Playwright's download is not used. */
export function chromiumOptions(): { executablePath: string; args: string[] } {
  const executablePath = process.env.CHROMIUM_PATH ?? PLACES.find((place) => existsSync(place));
  if (!executablePath) throw new Error("No Chromium: install the package chromium, or set CHROMIUM_PATH.");
  return { executablePath, args: FLAGS };
}
