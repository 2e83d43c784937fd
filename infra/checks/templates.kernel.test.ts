import { randomUUID } from "node:crypto";
import type { BuildEvent } from "@slipway/protocol";
import { expect, test } from "vitest";
import type { Template } from "../../web/src/control-plane/playground/playground.ts";
import { TEMPLATES } from "../../web/src/control-plane/playground/templates/template.ts";
import { buildContext, type Fixture, withSharedFixture } from "../../worker/src/builder/builder-fixture.ts";

/*
 * Each template of the gallery, built by the real builder on the base images of infra/images. That it runs is proven by steps
 * behind its own: they start its command and talk to it.
 */

/** Making images takes a minute or two where no test run has made them before. */
const MAKING_MS = 10 * 60_000;

/** Asks until there is an answer. */
const ask = (command: string): string =>
  `for i in $(seq 100); do ${command} && exit 0; sleep 0.1; done; exit 1`;

type Files = Readonly<Record<string, string>>;

async function build(fixture: Fixture, files: Files): Promise<{ events: BuildEvent[]; log: string }> {
  const [, base = ""] = /^FROM (\S+)/m.exec(files.Dockerfile ?? "") ?? [];
  await fixture.baseImages.ensure(base, () => {});
  const context = Object.entries(files).map(([path, content]) => ({ path, content }));
  const events = await buildContext(fixture, context);
  return { events, log: events.map((event) => (event.type === "log" ? event.text : "")).join("") };
}

/** The log of a build that has to succeed, with a step behind those of the template that no earlier run has left in the cache. */
async function logOf(fixture: Fixture, files: Files, probe: string): Promise<string> {
  const anew = `${files.Dockerfile}${probe} # ${randomUUID()}\n`;
  const { events, log } = await build(fixture, { ...files, Dockerfile: anew });
  expect(events.at(-1)?.type, log).toBe("image");
  return log;
}

const filesOf = (template: Template): Files => TEMPLATES[template].files("ko");

/** The template after its repair. */
function repaired(template: Template, path: string, change: (text: string) => string): Files {
  const files = filesOf(template);
  return { ...files, [path]: change(files[path] ?? "") };
}

const failureOf = (events: readonly BuildEvent[]): unknown => events.find((event) => event.type === "failed");

const PROBES = [
  ["node", `RUN node app.js & ${ask("curl -sf localhost:8080")}`, /you've hit/],
  [
    "python",
    `RUN python app.py & ${ask("python -c \"import urllib.request as u; print(u.urlopen('http://localhost:8000').read())\" 2>/dev/null")}`,
    /hello from python/,
  ],
  [
    "static-site",
    "RUN nginx && curl -sf localhost/ && curl -sf localhost/style.css",
    /컨테이너에서 보내는 인사[\s\S]*place-items/,
  ],
  [
    "multi-stage",
    `FROM busybox\nCOPY --from=1 /server /server\nRUN /server & ${ask("wget -qO- localhost:8080")}`,
    /hello from C/,
  ],
  ["redis", `RUN redis-server /etc/redis/redis.conf & ${ask("redis-cli ping")}`, /PONG/],
] as const;

test.each(PROBES)(
  "%s builds and runs",
  async (template, probe, shown) => {
    await withSharedFixture({ egress: true }, async (fixture) => {
      expect(await logOf(fixture, filesOf(template), probe)).toMatch(shown);
    });
  },
  MAKING_MS,
);

test(
  "the introduction's Dockerfile for an app with a package.json, which a Docker host has in web/, builds and runs",
  async () => {
    await withSharedFixture({ egress: true }, async (fixture) => {
      const own = Object.entries(filesOf("docker-host")).filter(([name]) => name.startsWith("web/"));
      const files = Object.fromEntries(own.map(([name, text]) => [name.slice("web/".length), text]));
      expect(files.Dockerfile).toContain("RUN npm install");
      // Without that, an earlier run has left the step in the cache, and its log with it.
      const described = JSON.stringify({
        ...JSON.parse(files["package.json"] ?? ""),
        description: randomUUID(),
      });
      const anew = { ...files, "package.json": described };
      const log = await logOf(fixture, anew, `RUN node index.js & ${ask("curl -sf localhost:3000/42")}`);
      expect(log).toMatch(/up to date/);
      expect(log).toContain("Hello from /42");
    });
  },
  MAKING_MS,
);

test(
  "each broken one fails in the way that the gallery says, and its repair is one",
  async () => {
    await withSharedFixture({ egress: true }, async (fixture) => {
      const copy = await build(fixture, filesOf("broken-copy"));
      expect(failureOf(copy.events)).toMatchObject({ error: { code: "copy-source-missing" } });
      const rules = repaired("broken-copy", ".dockerignore", (text) => text.replace("*.txt\n", ""));
      expect(await logOf(fixture, rules, "RUN cat /greeting.txt")).toContain("made it");

      const package_ = await build(fixture, filesOf("broken-package"));
      expect(failureOf(package_.events)).toMatchObject({ error: { code: "run-failed" } });
      expect(package_.log).toContain("Unable to locate package tree");
      const updated = repaired("broken-package", "Dockerfile", (text) =>
        text.replace("RUN apt-get", "RUN apt-get update && apt-get"),
      );
      expect(await logOf(fixture, updated, "RUN tree -L 1 /")).toMatch(/(──|--) etc/);

      const stage = await build(fixture, filesOf("broken-stage"));
      expect(failureOf(stage.events)).toMatchObject({ error: { code: "base-image-missing" } });
      const named = repaired("broken-stage", "Dockerfile", (text) => text.replace("biulder", "builder"));
      expect(await logOf(fixture, named, "RUN cat /result.txt")).toContain("made in the first stage");

      const start = "RUN timeout 1 /start.sh || test $? = 143";
      const script = await build(
        fixture,
        repaired("broken-script", "Dockerfile", (text) => `${text}${start}\n`),
      );
      expect(failureOf(script.events)).toMatchObject({ error: { code: "run-failed" } });
      expect(script.log).toMatch(/permission denied/i);
      const executable = repaired("broken-script", "Dockerfile", (text) =>
        text.replace("COPY", "COPY --chmod=755"),
      );
      expect(await logOf(fixture, executable, start)).toContain("started at last");
    });
  },
  MAKING_MS,
);
