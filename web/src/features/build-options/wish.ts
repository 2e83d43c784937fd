import type { BuildWish, PlainOptions } from "../../rpc/client.ts";

/** A line of the dialog: a name and its value. `key` tells lines apart while both change. */
export interface Row {
  readonly key: number;
  readonly name: string;
  readonly value: string;
}

/** What the dialog holds while it is open. */
export interface OptionsDraft {
  readonly noCache: boolean;
  readonly pull: boolean;
  readonly target: string | null;
  readonly buildArgs: readonly Row[];
  readonly secrets: readonly Row[];
  readonly sshKeys: readonly Row[];
}

/** What a playground's builds have in common, until the dialog says otherwise. */
export type Remembered = Pick<PlainOptions, "target" | "buildArgs">;

export const NOTHING_REMEMBERED: Remembered = { target: null, buildArgs: {} };

export const isAnythingRemembered = ({ target, buildArgs }: Remembered): boolean =>
  target !== null || Object.keys(buildArgs).length > 0;

/** Why the lines of a list can't be taken, with the name that it is about. */
export interface RowProblem {
  readonly kind: "nameMissing" | "nameTwice" | "nameWrong";
  readonly name: string;
}

/** Names as the server takes them (control-plane/build/build-options.ts). */
export const ARG_NAME = /^[^\s=\p{C}]{1,256}$/u;
export const SECRET_ID = /^[A-Za-z0-9_][A-Za-z0-9_./-]{0,255}$/;

const isEmpty = ({ name, value }: Row): boolean => name.trim() === "" && value === "";

/** What is wrong with a list; empty lines are no mistake. */
export function problemOf(rows: readonly Row[], allowed: RegExp): RowProblem | null {
  const seen = new Set<string>();
  for (const row of rows) {
    const name = row.name.trim();
    if (isEmpty(row)) continue;
    if (name === "") return { kind: "nameMissing", name };
    if (!allowed.test(name)) return { kind: "nameWrong", name };
    if (seen.has(name)) return { kind: "nameTwice", name };
    seen.add(name);
  }
  return null;
}

/**
 * The lists as the server takes them. A secret that was offered and got no value was not given: the build then says which
 * one it misses.
 */
export function wishOf({ noCache, pull, target, buildArgs, secrets, sshKeys }: OptionsDraft): BuildWish {
  const given = (row: Row) => row.value !== "";
  return {
    noCache,
    pull,
    target,
    buildArgs: recordOf(buildArgs),
    secrets: recordOf(secrets.filter(given)),
    sshKeys: recordOf(sshKeys.filter(given)),
  };
}

const recordOf = (rows: readonly Row[]): Record<string, string> =>
  Object.fromEntries(rows.filter((row) => !isEmpty(row)).map(({ name, value }) => [name.trim(), value]));

export const rowsOf = (values: Readonly<Record<string, string>>): Row[] =>
  Object.entries(values).map(([name, value], key) => ({ key, name, value }));

export const newRow = (rows: readonly Row[]): Row => ({
  key: Math.max(-1, ...rows.map(({ key }) => key)) + 1,
  name: "",
  value: "",
});
