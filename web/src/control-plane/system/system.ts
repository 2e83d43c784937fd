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

export interface SystemStatus {
  get(): Promise<SystemView>;
}
