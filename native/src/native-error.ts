/** A system call that failed. `code` is the name of the error number, such as "ENOSPC" (errno(3)). */
export class NativeError extends Error {
  override readonly name = "NativeError";
  readonly code: string;
  readonly errno: number;
  /** The call, such as "openat2"; "argument" when the addon refused the arguments (EINVAL). */
  readonly syscall: string;
  /** What the call was about, mostly a path; may be empty. */
  readonly path: string;

  constructor(message: string, code: string, errno: number, syscall: string, path: string) {
    super(message);
    this.code = code;
    this.errno = errno;
    this.syscall = syscall;
    this.path = path;
  }
}
