/** A worker as people see it. */
export interface WorkerView {
  readonly id: string;
  readonly runtime: string;
  readonly hardened: boolean;
  /** Live sessions, and how many the worker takes. */
  readonly sessions: number;
  readonly capacity: number;
  readonly connected: boolean;
}

export interface SystemView {
  readonly workers: readonly WorkerView[];
  readonly version: string;
}

/** An image that can be built on, by the name that Docker shows, with its tags. */
export interface BaseImageView {
  readonly name: string;
  readonly tags: readonly string[];
}

export interface SystemStatus {
  get(): Promise<SystemView>;
  /** What the connected workers said of images that anybody may build on, sorted by name; as of when they connected. */
  baseImages(): readonly BaseImageView[];
}
