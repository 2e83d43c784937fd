import { EngineError } from "./engine-error.ts";

export interface Platform {
  readonly os: string;
  readonly architecture: string;
}

const PLATFORM = /^[a-z0-9_.-]{1,64}(?:\/[a-z0-9_.-]{1,64}){0,2}$/;
/** What people write for Go's names of architectures. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  aarch64: "arm64",
  armhf: "arm",
  "x86-64": "amd64",
  x86_64: "amd64",
  i386: "386",
};

/** True where `linux/arm64[/v8]`, `linux` or `arm64` means this platform, and where nothing is asked. Throws 400 for what is none. */
export function isPlatform(asked: string, actual: Platform): boolean {
  if (asked === "") return true;
  const text = asked.toLowerCase();
  if (!PLATFORM.test(text))
    throw new EngineError(400, `"${asked.slice(0, 100)}": invalid platform specifier`);
  const [first = "", second] = text.split("/");
  const [os, named] = second === undefined && first !== "linux" ? ["linux", first] : [first, second];
  const architecture = named === undefined ? actual.architecture : (OTHER_NAMES[named] ?? named);
  return os === actual.os && architecture === actual.architecture;
}
