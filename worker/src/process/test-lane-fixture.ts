/*
 * Kernel tests run in lanes, the suites of conformance beside the others and each in two workers of vitest where there are
 * processors (vitest.config.ts); several runs may go on at once, and each test file is a process of its own. What the kernel has by
 * name or number, such as addresses, is told apart by all of that.
 */

const WORKERS = 2;
const PROJECTS = 2;
const LANES = WORKERS * PROJECTS;
const worker = Number(process.env.VITEST_POOL_ID ?? 0) % WORKERS;
const project = process.env.KERNEL_TEST_PROJECT === "conformance" ? 1 : 0;
const lane = worker * PROJECTS + project;

/**
 * A number of this test file below `count`, a multiple of the lanes: never that of a file in another lane, and seldom that of
 * another run.
 * @param step counts on within the file, for those that need several
 */
export const ownNumber = (count: number, step = 0): number => ((process.pid + step) * LANES + lane) % count;
