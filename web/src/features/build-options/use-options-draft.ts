import { useState } from "react";
import type { DockerfileHints } from "./dockerfile-hints.ts";
import {
  ARG_NAME,
  type OptionsDraft,
  problemOf,
  type Remembered,
  type Row,
  type RowProblem,
  rowsOf,
  SECRET_ID,
} from "./wish.ts";

/** The lists of the dialog. */
export type ListName = "buildArgs" | "secrets" | "sshKeys";

export interface OptionsEditing {
  readonly draft: OptionsDraft;
  readonly change: (part: Partial<OptionsDraft>) => void;
  /** What to say of a list; nothing before the first try to build, since what is being typed is no mistake yet. */
  readonly problems: Readonly<Record<ListName, RowProblem | null>>;
  /** Answers whether all can be taken as it is; from then on problems are said. */
  readonly check: () => boolean;
}

const askedFor = (ids: readonly string[]): Row[] => ids.map((name, key) => ({ key, name, value: "" }));

const NO_PROBLEMS = { buildArgs: null, secrets: null, sshKeys: null };

/** Begins with what is remembered, and with an empty line for each secret that the Dockerfile asks for. */
export function useOptionsDraft(remembered: Remembered, hints: DockerfileHints): OptionsEditing {
  const [draft, setDraft] = useState<OptionsDraft>(() => ({
    noCache: false,
    pull: false,
    target: remembered.target,
    buildArgs: rowsOf(remembered.buildArgs),
    secrets: askedFor(hints.secrets),
    sshKeys: askedFor(hints.sshKeys),
  }));
  const [tried, setTried] = useState(false);
  const problems = {
    buildArgs: problemOf(draft.buildArgs, ARG_NAME),
    secrets: problemOf(draft.secrets, SECRET_ID),
    sshKeys: problemOf(draft.sshKeys, SECRET_ID),
  };
  return {
    draft,
    change: (part) => setDraft((before) => ({ ...before, ...part })),
    problems: tried ? problems : NO_PROBLEMS,
    check: () => {
      setTried(true);
      return Object.values(problems).every((problem) => problem === null);
    },
  };
}
