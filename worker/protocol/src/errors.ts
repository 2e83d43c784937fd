import { z } from "zod";

/** Whose fault an error is: the person's input, our own defect or surroundings, or a limit reached. */
export const faultSchema = z.enum(["user", "platform", "capacity"]);
export type Fault = z.infer<typeof faultSchema>;

/**
 * Every error that crosses a boundary, and whose fault it is. The page holds one sentence per code and language;
 * a missing sentence is a compile error there.
 */
export const ERROR_FAULT = {
  // Dockerfile and build
  "dockerfile-invalid": "user",
  "dockerfile-missing": "user",
  "instruction-unsupported": "user",
  "base-image-missing": "user",
  "base-image-failed": "platform",
  "ignore-file-invalid": "user",
  "copy-source-missing": "user",
  "copy-source-outside": "user",
  "context-invalid": "user",
  "context-too-large": "user",
  "run-failed": "user",
  "user-unknown": "user",
  "build-cancelled": "user",
  "build-timeout": "capacity",
  "build-log-too-large": "user",
  "build-disk-full": "capacity",
  "step-state-gone": "user",
  "stage-missing": "user",
  "secret-missing": "user",
  "checksum-mismatch": "user",
  "fetch-failed": "user",
  "archive-invalid": "user",
  "entitlement-refused": "user",
  // registries and the image store
  "image-invalid": "user",
  "image-too-large": "capacity",
  "registry-unauthorized": "user",
  "registry-address-refused": "user",
  "registry-unreachable": "platform",
  "registry-failed": "platform",
  "registry-busy": "capacity",
  "registry-host-invalid": "user",
  "registry-login-limit": "capacity",
  "platform-missing": "user",
  "image-in-use": "user",
  "store-full": "capacity",
  "file-missing": "user",
  "file-too-large": "user",
  // image and session
  "image-missing": "user",
  "images-apart": "user",
  "session-missing": "user",
  "terminal-missing": "user",
  "session-not-running": "user",
  "session-files-gone": "user",
  "session-disk-full": "capacity",
  "container-path-missing": "user",
  "container-path-invalid": "user",
  "upload-too-large": "user",
  "download-too-large": "user",
  "recording-missing": "user",
  "link-missing": "user",
  "link-limit": "capacity",
  "saved-image-limit": "capacity",
  "command-not-found": "user",
  "terminal-limit": "capacity",
  "session-limit": "capacity",
  "build-limit": "capacity",
  // containers that docker makes in a session
  "container-missing": "user",
  "container-conflict": "user",
  "container-limit": "capacity",
  "container-refused": "user",
  "network-missing": "user",
  "volume-limit": "capacity",
  // tickets and access
  "ticket-invalid": "user",
  "ticket-expired": "user",
  forbidden: "user",
  "frame-refused": "user",
  "not-signed-in": "user",
  "sign-in-failed": "user",
  "sign-in-unavailable": "platform",
  "email-taken": "user",
  "operator-code-wrong": "user",
  "playground-missing": "user",
  "playground-in-use": "user",
  "version-missing": "user",
  "user-missing": "user",
  "build-missing": "user",
  "file-name-invalid": "user",
  "files-too-large": "user",
  "request-invalid": "user",
  "rate-limited": "capacity",
  // workers and the machine
  "no-worker": "capacity",
  "worker-full": "capacity",
  "worker-busy": "capacity",
  "worker-missing": "user",
  "worker-lost": "platform",
  "join-refused": "platform",
  "protocol-version": "platform",
  "cgroups-missing": "platform",
  "overlay-missing": "platform",
  "idmap-missing": "platform",
  "runtime-missing": "platform",
  "runtime-failed": "platform",
  "network-failed": "platform",
  "disk-full": "platform",
  "store-corrupt": "platform",
  "port-unreachable": "user",
  internal: "platform",
} as const satisfies Record<string, Fault>;

export type ErrorCode = keyof typeof ERROR_FAULT;
export const errorCodes = Object.keys(ERROR_FAULT) as [ErrorCode, ...ErrorCode[]];
export const errorCodeSchema = z.enum(errorCodes);

/** Values for the sentence's placeholders: names, numbers, limits. Texts are cut to a bound when they are made. */
export const errorParamsSchema = z.record(z.string(), z.union([z.string().max(4096), z.number()]));
export type ErrorParams = z.infer<typeof errorParamsSchema>;

/** An error as it travels. `message` is English, for logs and for readers of the raw protocol. */
export const wireErrorSchema = z.object({
  code: errorCodeSchema,
  fault: faultSchema,
  message: z.string().max(8192),
  params: errorParamsSchema,
});
export type WireError = z.infer<typeof wireErrorSchema>;

/**
 * The one base of all errors that Slipway raises on purpose. Anything else that is thrown is a defect and is
 * reported as `internal`.
 */
export class SlipwayError extends Error {
  override readonly name: string = "SlipwayError";
  readonly code: ErrorCode;
  readonly params: ErrorParams;

  constructor(code: ErrorCode, message: string, options: { params?: ErrorParams; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.params = options.params ?? {};
  }

  get fault(): Fault {
    return ERROR_FAULT[this.code];
  }

  /** The form that crosses a socket; the cause stays here, in the log. */
  toWire(): WireError {
    return { code: this.code, fault: this.fault, message: this.message.slice(0, 8192), params: this.params };
  }

  static fromWire(wire: WireError): SlipwayError {
    return new SlipwayError(wire.code, wire.message, { params: wire.params });
  }

  /** Any thrown value as a SlipwayError; what is not one becomes `internal` and keeps the original as its cause. */
  static from(thrown: unknown): SlipwayError {
    if (thrown instanceof SlipwayError) return thrown;
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    return new SlipwayError("internal", message, { cause: thrown });
  }
}
