/** Tests on the real kernel prove nothing without it: they fail, instead of being skipped. */
export function setup(): void {
  if (process.getuid?.() !== 0) throw new Error("Kernel tests need root on Linux: run them with sudo.");
}
