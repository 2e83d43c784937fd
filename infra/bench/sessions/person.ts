import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";

const POLL_MS = 50;
const WAIT_MS = 10 * 60_000;

const answerSchema = z.object({ result: z.object({ data: z.unknown() }) });
const idSchema = z.object({ id: z.string() });
const stateSchema = z.object({ id: z.string(), state: z.string() });
const ticketSchema = z.object({ ticket: z.string() });
const launchedSchema = z.object({
  id: z.string(),
  terminal: z.object({ terminalId: z.string(), ticket: z.string() }),
});
export type Launched = z.infer<typeof launchedSchema>;

function saysEnded(line: string): boolean {
  if (!line.startsWith("data: {")) return false;
  const view = stateSchema.safeParse(JSON.parse(line.slice("data: ".length)));
  return view.success && view.data.state === "ended";
}

/** A guest of a Slipway that runs, as the page acts for one: over its tRPC. */
export class Person {
  readonly #url: string;
  #cookies = "";
  #playground = "";

  private constructor(url: string) {
    this.#url = url;
  }

  /** Enters and has nothing yet. */
  static async guest(url: string): Promise<Person> {
    const person = new Person(url);
    await person.#call("account.enter", {});
    return person;
  }

  /** Enters, makes a playground with this Dockerfile and builds it. */
  static async enter(url: string, dockerfile: string): Promise<Person> {
    const person = await Person.guest(url);
    person.#playground = idSchema.parse(await person.#call("playground.create", {})).id;
    const file = { id: person.#playground, path: "Dockerfile", content: dockerfile };
    await person.#call("playground.saveFile", file);
    await person.#build();
    return person;
  }

  get playground(): string {
    return this.#playground;
  }

  /** Id of the account. */
  async id(): Promise<string> {
    return idSchema.parse(await this.query("account.me", {})).id;
  }

  /** What a page asks. */
  query(procedure: string, input: object): Promise<unknown> {
    return this.#call(procedure, input, "GET");
  }

  /** The answer of a launch, which names the main terminal and has a ticket for it. */
  async launch(): Promise<Launched> {
    const order = { playgroundId: this.#playground, start: "command", size: { rows: 24, cols: 80 } };
    return launchedSchema.parse(await this.#call("session.launch", order));
  }

  /** Stops a session and waits until all of it is gone. */
  async stop(sessionId: string): Promise<void> {
    await this.#call("session.stop", { sessionId });
    await this.#ended(sessionId);
  }

  async ticket(sessionId: string, terminalId: string): Promise<string> {
    return ticketSchema.parse(await this.#call("session.terminalTicket", { sessionId, terminalId })).ticket;
  }

  async #build(): Promise<void> {
    const { id } = stateSchema.parse(await this.#call("build.start", { playgroundId: this.#playground }));
    const deadline = Date.now() + WAIT_MS;
    while (Date.now() < deadline) {
      const { state } = stateSchema.parse(await this.#call("build.get", { buildId: id }, "GET"));
      if (state === "succeeded") return;
      if (state === "failed" || state === "cancelled") throw new Error(`A build of the bench is ${state}.`);
      await sleep(POLL_MS);
    }
    throw new Error("A build of the bench did not end in time.");
  }

  /** Reads the session's event stream (SSE) to its end. */
  async #ended(sessionId: string): Promise<void> {
    const input = encodeURIComponent(JSON.stringify({ sessionId }));
    const response = await fetch(`${this.#url}/trpc/session.watch?input=${input}`, {
      headers: { cookie: this.#cookies, accept: "text/event-stream" },
      signal: AbortSignal.timeout(WAIT_MS),
    });
    if (response.body === null) throw new Error("A session of the bench can't be watched.");
    let text = "";
    for await (const chunk of response.body) {
      text += Buffer.from(chunk).toString();
      const lines = text.split("\n");
      text = lines.pop() ?? "";
      if (lines.some(saysEnded)) return;
    }
    throw new Error("A session of the bench did not end.");
  }

  async #call(procedure: string, input: object, method: "GET" | "POST" = "POST"): Promise<unknown> {
    const query = method === "GET" ? `?input=${encodeURIComponent(JSON.stringify(input))}` : "";
    const response = await fetch(`${this.#url}/trpc/${procedure}${query}`, {
      method,
      headers: { "content-type": "application/json", cookie: this.#cookies, origin: this.#url },
      ...(method === "POST" ? { body: JSON.stringify(input) } : {}),
    });
    for (const cookie of response.headers.getSetCookie()) this.#cookies = cookie.split(";")[0] ?? "";
    const text = await response.text();
    if (!response.ok) throw new Error(`${procedure} answers ${response.status}: ${text.slice(0, 500)}`);
    return answerSchema.parse(JSON.parse(text)).result.data;
  }
}
