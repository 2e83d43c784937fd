import { SOURCE_TIME_SECONDS } from "./case-fixture.ts";

/** A difference between Debian's Docker (20.10, BuildKit 0.8) and the BuildKit of today, which Slipway builds like. */
interface Generation {
  readonly since: string;
  readonly matches: (key: string, is: string, wanted: string) => boolean;
}

const GENERATIONS: readonly Generation[] = [
  {
    since: "Histories name --chown, --chmod and --parents of COPY and ADD since BuildKit 0.11.",
    matches: (key, is, wanted) =>
      key.startsWith("history ") && is.replaceAll(/ --(chown=\S+|chmod=\S+|parents)/g, "") === wanted,
  },
  {
    since:
      "Directories that are copied keep the time of their source, also with something in them, since BuildKit 0.9.",
    matches: (key, is, wanted) =>
      key.startsWith("files ") &&
      is.startsWith("directory ") &&
      is.endsWith(` ${SOURCE_TIME_SECONDS}`) &&
      is.replace(/\d+$/, "now") === wanted,
  },
  {
    since: "Histories show the values that ARG takes from outside since BuildKit 0.12.",
    matches: (key, is, wanted) =>
      key.startsWith("history ") && wanted.startsWith("(no layer) ARG ") && argNames(is) === argNames(wanted),
  },
  {
    since: "Health checks have a fourth time, the start interval, since BuildKit 0.12.",
    matches: (key, is, wanted) =>
      key.startsWith("history ") &&
      is.startsWith("(no layer) HEALTHCHECK ") &&
      is.replace(/ "0s" '/, " '") === wanted,
  },
];

/** The instruction without the values. */
function argNames(line: string): string {
  return line.replaceAll(/=\S+/g, "");
}

/** True for what has changed in BuildKit since, and so is expected to be other. */
export function isOtherGeneration(key: string, is: string, wanted: string): boolean {
  return GENERATIONS.some(({ matches }) => matches(key, is, wanted));
}
