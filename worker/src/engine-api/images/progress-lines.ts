import type { Digest, PulledLayer } from "@slipway/protocol";

/** One line of Docker's stream of JSON messages (moby, pkg/jsonmessage). */
export interface ProgressLine {
  readonly status?: string;
  readonly id?: string;
  readonly progressDetail?: { readonly current?: number; readonly total?: number };
  readonly progress?: string;
  readonly stream?: string;
  readonly aux?: object;
  readonly error?: string;
  readonly errorDetail?: { readonly message: string; readonly code?: number };
}

export type Tell = (line: ProgressLine) => void;

/** Characters between the brackets of a progress bar. */
const BAR = 50;
const SHORT_ID = 12;

export const shortId = (digest: string): string => digest.replace(/^sha256:/, "").slice(0, SHORT_ID);

type Direction = "pull" | "push";

const WORDS: Readonly<Record<Direction, Readonly<Record<PulledLayer["state"], string>>>> = {
  pull: {
    waiting: "Waiting",
    downloading: "Downloading",
    unpacking: "Extracting",
    done: "Pull complete",
    present: "Already exists",
  },
  push: {
    waiting: "Waiting",
    downloading: "Pushing",
    unpacking: "Pushing",
    done: "Pushed",
    present: "Layer already exists",
  },
};

/** Tells changes of layers as Docker does; a layer that is the same as before is not told again. */
export class LayerLines {
  readonly #tell: Tell;
  readonly #direction: Direction;
  readonly #known = new Map<Digest, PulledLayer["state"]>();

  constructor(direction: Direction, tell: Tell) {
    this.#direction = direction;
    this.#tell = tell;
  }

  /** True when something had to be moved. */
  get moved(): boolean {
    return [...this.#known.values()].some((state) => state !== "present");
  }

  readonly update = (layers: readonly PulledLayer[]): void => {
    for (const layer of layers) this.#layer(layer);
  };

  #layer(layer: PulledLayer): void {
    const { digest, state, receivedBytes, totalBytes } = layer;
    const id = shortId(digest);
    const before = this.#known.get(digest);
    this.#known.set(digest, state);
    if (before === undefined && state !== "present") {
      this.#tell({
        status: this.#direction === "pull" ? "Pulling fs layer" : "Preparing",
        progressDetail: {},
        id,
      });
    }
    const isPull = this.#direction === "pull";
    if (isPull && before !== "unpacking" && (state === "unpacking" || state === "done")) {
      this.#tell({ status: "Download complete", progressDetail: {}, id });
    }
    const status = WORDS[this.#direction][state];
    if (state === "downloading") {
      this.#tell({ status, id, ...progress(receivedBytes, totalBytes) });
    } else if (state !== before) this.#tell({ status, progressDetail: {}, id });
  }
}

/** `[=====>      ]  1.2MB/3.4MB`, as an old client shows it; a newer one draws its own from the numbers. */
function progress(current: number, total: number): Pick<ProgressLine, "progress" | "progressDetail"> {
  const part = total === 0 ? 1 : Math.min(1, current / total);
  const filled = Math.floor(part * BAR);
  const bar = part >= 1 ? "=".repeat(BAR) : `${"=".repeat(filled)}>`.padEnd(BAR);
  return {
    progressDetail: { current, total },
    progress: `[${bar.slice(0, BAR)}]  ${humanBytes(current)}/${humanBytes(total)}`,
  };
}

/** Four digits at most, in powers of ten (docker/go-units, HumanSize). */
export function humanBytes(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${Number(value.toPrecision(4))}${units[unit]}`;
}
