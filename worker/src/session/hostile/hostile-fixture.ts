import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import type { Digest, LaunchRequest, LimitEvent, SessionLimitName, SessionLimits } from "@slipway/protocol";
import { expect } from "vitest";
import { type Place, placeSchema } from "../place.ts";
import type { Sessions } from "../session.ts";
import { TestMachine } from "../test-machine.ts";
import { hostileRootfs } from "./attack-program.ts";
import { Screen } from "./screen.ts";

const MIB = 1024 ** 2;
/** Of each session. Low, so that an attack meets them long before it could harm the machine. */
export const HOSTILE_LIMITS: SessionLimits = {
  memoryBytes: 64 * MIB,
  cpus: 0.5,
  pids: 64,
  diskBytes: 16 * MIB,
  openFiles: 256,
  networkBytesPerSecond: 10_000_000,
};
const WAIT_MS = 20_000;
/** A neighbour's answer may take so long beside an attack, on a machine that does other things as well. */
const ANSWER_MS = 5_000;

/** One session as a test sees it. */
export interface Subject {
  readonly request: LaunchRequest;
  /** Its main process, a shell. */
  readonly screen: Screen;
}

/**
 * A machine with a session that attacks and one beside it, on the real kernel, runtime, network, disks and shims. Attacks are
 * typed into the terminal of the attacker, as a person would.
 */
export class HostileMachine {
  readonly machine: TestMachine;
  readonly sessions: Sessions;
  readonly neighbour: Subject;
  readonly #image: Digest;
  #question = 0;

  private constructor(machine: TestMachine, sessions: Sessions, image: Digest, neighbour: Subject) {
    this.machine = machine;
    this.sessions = sessions;
    this.#image = image;
    this.neighbour = neighbour;
  }

  static async make(): Promise<HostileMachine> {
    const machine = await TestMachine.make();
    const sessions = await machine.sessions();
    const image = await machine.image(["sh"], hostileRootfs());
    const neighbour = await launched(machine, sessions, image, {});
    return new HostileMachine(machine, sessions, image, neighbour);
  }

  /** A session that is about to attack. */
  async attacker(limits: Partial<SessionLimits> = {}): Promise<Subject> {
    return await launched(this.machine, this.sessions, this.#image, limits);
  }

  /** Waits until the session has been told of a limit, and returns that event. */
  async event({ request }: Subject, limit: SessionLimitName): Promise<LimitEvent> {
    const has = ({ limitEvents }: { limitEvents: readonly LimitEvent[] }) =>
      limitEvents.find((event) => event.limit === limit);
    const report = await this.machine.report(request.sessionId, (candidate) => has(candidate) !== undefined);
    const event = has(report);
    if (!event) throw new Error("a report without what it was found for");
    return event;
  }

  /** The session's newest report. */
  report({ request }: Subject) {
    const report = this.sessions.reports().find(({ sessionId }) => sessionId === request.sessionId);
    if (!report) throw new Error("the session is not known");
    return report;
  }

  /** Numbers of a session's own group as the host sees it. */
  usage({ request }: Subject) {
    const { cgroups } = this.machine.parts;
    return cgroups.usage(this.group({ request }));
  }

  /** The group of a session. What a session is made of bears the name of its place, not its own. */
  group({ request }: Pick<Subject, "request">): string {
    return this.machine.parts.cgroups.path(this.place(request).name);
  }

  /** From the session's record. */
  place({ sessionId }: Pick<LaunchRequest, "sessionId">): Place {
    const file = path.join(this.machine.directory, "sessions", `${sessionId}.json`);
    return placeSchema.parse(JSON.parse(readFileSync(file, "utf8")).place);
  }

  async stop({ request }: Subject): Promise<void> {
    await this.sessions.stop(request.sessionId);
    await this.machine.report(request.sessionId, ({ state }) => state === "ended");
  }

  /** How long the neighbour's shell takes to answer, ms. */
  async neighbourAnswers(): Promise<number> {
    this.#question += 1;
    const started = performance.now();
    this.neighbour.screen.type(`echo answer-$((${this.#question}+1000))`);
    await this.neighbour.screen.until(new RegExp(`answer-${this.#question + 1000}`));
    return performance.now() - started;
  }

  /**
   * The neighbour answers and knows of no limit, a new session can be launched, and after the stop of the attacker nothing is
   * left but what belongs to the neighbour.
   */
  async expectUnharmed(attacker: Subject): Promise<void> {
    expect(await this.neighbourAnswers()).toBeLessThan(ANSWER_MS);
    const third = await this.attacker();
    third.screen.type("echo here-$((40+2))");
    await third.screen.until(/here-42/);
    expect(await this.neighbourAnswers()).toBeLessThan(ANSWER_MS);
    await Promise.all([this.stop(third), this.stop(attacker)]);
    expect(this.report(this.neighbour)).toMatchObject({ state: "running", limitEvents: [] });
    await expect.poll(() => this.#leftOvers(), { timeout: WAIT_MS }).toEqual([]);
  }

  /** Ends whatever a failed test left, so that the next one begins with the neighbour alone. */
  async calm(): Promise<void> {
    const own = this.neighbour.request.sessionId;
    const others = this.sessions
      .reports()
      .filter(({ state, sessionId }) => state !== "ended" && sessionId !== own);
    await Promise.all(others.map(({ sessionId }) => this.sessions.stop(sessionId)));
  }

  async dispose(): Promise<void> {
    await this.sessions.endAll();
    const left = await this.machine.leftOvers();
    await this.machine.dispose();
    expect(left).toEqual([]);
  }

  /** Whatever on this machine bears the directory, names or users of this test, and isn't the neighbour's. */
  async #leftOvers(): Promise<string[]> {
    const { directory } = this.machine;
    const kept = this.#keptNames();
    const isKept = (line: string) => kept.some((name) => line.includes(name));
    const [mounts, loops, files] = await Promise.all([
      readFile("/proc/self/mounts", "utf8"),
      loopFiles(directory),
      readdir(`${directory}/disks/images`),
    ]);
    const found = [
      ...(await this.machine.leftOvers()),
      ...mounts.split("\n").filter((line) => line.includes(directory)),
      ...loops,
      ...files,
    ];
    return [...found.filter((line) => !isKept(line)), ...(await this.#strangers())];
  }

  /** What the neighbour is made of, and the images of disks whose files can still be saved. */
  #keptNames(): string[] {
    const { name, container } = this.place(this.neighbour.request);
    const kept = this.sessions.reports().filter(({ filesKeptUntil }) => filesKeptUntil !== null);
    return [name, container, ...kept.map((report) => `${this.place(report).name}.img`)];
  }

  /** Processes in groups of this machine's sessions that are none of the neighbour's. */
  async #strangers(): Promise<string[]> {
    const own = this.#owners();
    const base = path.dirname(this.group(this.neighbour));
    const found: string[] = [];
    for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
      const groups = await readFile(`/proc/${pid}/cgroup`, "utf8").catch(() => "");
      if (groups.includes(`:${base}/`) && !own.has(Number(pid))) found.push(`process ${pid}`);
    }
    return found;
  }

  #owners(): Set<number> {
    const { cgroups } = this.machine.parts;
    return new Set(cgroups.somePids(this.group(this.neighbour), 1000));
  }
}

async function launched(
  machine: TestMachine,
  sessions: Sessions,
  image: Digest,
  limits: Partial<SessionLimits>,
): Promise<Subject> {
  const request = machine.request(image, {
    limits: { ...HOSTILE_LIMITS, ...limits },
    expiresAt: Date.now() + 30 * 60_000,
  });
  await sessions.launch(request);
  const report = await machine.report(request.sessionId, ({ state }) => state !== "starting");
  if (report.state !== "running") throw new Error(`not launched: ${JSON.stringify(report.end)}`);
  return { request, screen: await Screen.of(sessions.terminal(request.sessionId, request.terminals.main)) };
}

async function loopFiles(directory: string): Promise<string[]> {
  const list = execFileSync("losetup", ["--list", "--noheadings", "--output", "BACK-FILE"], {
    encoding: "utf8",
  });
  return list.split("\n").filter((line) => line.includes(directory));
}
