import { summarize } from "./results.mjs";
import { runStaticParts } from "./static.mjs";

/* npm run check: the fast part of npm test. It installs nothing. */

const results = await runStaticParts();
process.stdout.write(`\n${summarize(results)}\n`);
process.exitCode = results.some(({ failed }) => failed > 0) ? 1 : 0;
