/** The sanitizer belongs to this process, and not to programs that tests start. */
delete process.env.LD_PRELOAD;
