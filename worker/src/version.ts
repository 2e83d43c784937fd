/** Version of the worker, the same as that of the whole product. */
export const WORKER_VERSION = "0.1.0";
