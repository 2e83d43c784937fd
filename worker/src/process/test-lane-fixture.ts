/*
 * Kernel tests run in two lanes (vitest.config.ts), several runs may go on beside each other, and each test file is a process of its
 * own: what the kernel has by name or number, such as addresses, is told apart by both.
 */

const LANES = 2;
const lane = Number(process.env.VITEST_POOL_ID ?? 0) % LANES;

/**
 * A number of this test file below `count`, an even one: never that of a file in the other lane, and seldom that of another run.
 * @param step counts on within the file, for those that need several
 */
export const ownNumber = (count: number, step = 0): number => ((process.pid + step) * LANES + lane) % count;
