import type { ITheme } from "@xterm/xterm";
import { onLookChange, terminalLook } from "./terminal-look.ts";

/* The sixteen colours on the page's own ground, with AA contrast where programs use them for text. */

const LIGHT: ITheme = {
  background: "#fefcf7",
  foreground: "#1b282c",
  cursor: "#15566a",
  cursorAccent: "#fefcf7",
  selectionBackground: "#cfe0e0",
  black: "#1b282c",
  red: "#a11f2c",
  green: "#2a6a45",
  yellow: "#7d5200",
  blue: "#1f4f8f",
  magenta: "#7a3a82",
  cyan: "#15566a",
  white: "#6b736f",
  brightBlack: "#5f6a69",
  brightRed: "#b93340",
  brightGreen: "#2f7d50",
  brightYellow: "#8f6200",
  brightBlue: "#2f63ad",
  brightMagenta: "#8e4b96",
  brightCyan: "#1d6b83",
  brightWhite: "#46555a",
};

const DARK: ITheme = {
  background: "#172024",
  foreground: "#ebe6da",
  cursor: "#86c5d2",
  cursorAccent: "#172024",
  selectionBackground: "#2c4a52",
  black: "#2b383d",
  red: "#f08a8e",
  green: "#8ac79d",
  yellow: "#e2b660",
  blue: "#8fb4ea",
  magenta: "#d3a5dc",
  cyan: "#86c5d2",
  white: "#d8d4c8",
  brightBlack: "#8d979a",
  brightRed: "#f7a8ab",
  brightGreen: "#a8d9b7",
  brightYellow: "#eccb87",
  brightBlue: "#aecaf2",
  brightMagenta: "#e1c1e7",
  brightCyan: "#a9d9e2",
  brightWhite: "#fbf7ec",
};

const CONTRAST: ITheme = {
  ...DARK,
  background: "#000000",
  foreground: "#ffffff",
  cursor: "#ffff00",
  cursorAccent: "#000000",
  selectionBackground: "#0050b5",
  white: "#ffffff",
  brightBlack: "#c8c8c8",
};

const AMBER: ITheme = {
  ...DARK,
  background: "#1a1206",
  foreground: "#ffc46b",
  cursor: "#ffd894",
  cursorAccent: "#1a1206",
  selectionBackground: "#5a3c0c",
  white: "#ffc46b",
  brightWhite: "#ffe0ad",
};

const dark = (): MediaQueryList => window.matchMedia("(prefers-color-scheme: dark)");

/** The colours that people chose, which may be those of the page. */
export function currentTheme(): ITheme {
  switch (terminalLook().theme) {
    case "light":
      return LIGHT;
    case "dark":
      return DARK;
    case "contrast":
      return CONTRAST;
    case "amber":
      return AMBER;
    case "page": {
      const chosen = document.documentElement.dataset.theme;
      return (chosen ?? (dark().matches ? "dark" : "light")) === "dark" ? DARK : LIGHT;
    }
  }
}

/** Calls back when the page goes from light to dark or back, or the look changes. Answers how to stop. */
export function onThemeChange(changed: () => void): () => void {
  const query = dark();
  const observer = new MutationObserver(changed);
  observer.observe(document.documentElement, { attributeFilter: ["data-theme"] });
  query.addEventListener("change", changed);
  const stop = onLookChange(changed);
  return () => {
    stop();
    observer.disconnect();
    query.removeEventListener("change", changed);
  };
}
