/** The sanitizer belongs to this process, and not to programs that tests start; to those that load the addon they pass it on. */
process.env.SANITIZER_PRELOAD = process.env.LD_PRELOAD ?? "";
delete process.env.LD_PRELOAD;
