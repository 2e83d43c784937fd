// A supervisor with one child that sleeps; prints the child's pid. Killed by the test.
import { Child } from "../child.mjs";

const [directory] = process.argv.slice(2);
const child = new Child({
  name: "sleeper",
  command: () => ({ program: "sleep", args: ["60"] }),
  cwd: "/",
  env: { PATH: process.env.PATH },
  account: null,
  orphanSignal: "SIGTERM",
  logFile: `${directory}/sleeper.log`,
  runDirectory: directory,
  onLine: () => {},
  onTrouble: () => {},
  onGivenUp: () => {},
});
child.start();
process.stdout.write(`${child.pid}\n`);
