import type { BuildEvent } from "@slipway/protocol";
import { expect, it } from "vitest";
import { buildContext, dockerfile, type Fixture, withSharedFixture } from "../builder-fixture.ts";

/** Making images takes a minute or two where no test run has made them before. */
const MAKING_MS = 10 * 60_000;

const logOf = (events: readonly BuildEvent[]): string =>
  events.map((event) => (event.type === "log" ? event.text : "")).join("");

/** The log of a Dockerfile's RUN lines; its base image is made before. */
async function run(fixture: Fixture, text: string): Promise<string> {
  const [, base = ""] = /^FROM (\S+)/.exec(text) ?? [];
  await fixture.baseImages.ensure(base, () => {});
  const events = await buildContext(fixture, [dockerfile(text)], { noCache: true });
  const last = events.at(-1);
  if (last?.type !== "image") throw new Error(`${JSON.stringify(last)} ${logOf(events)}`);
  return logOf(events);
}

async function configOf(fixture: Fixture, reference: string) {
  const image = await fixture.baseImages.ensure(reference, () => {});
  return image?.config.config ?? {};
}

it(
  "debian is Debian with its documentation, -slim is the same without, and both install packages",
  async () => {
    await withSharedFixture({ egress: true }, async (fixture) => {
      const look =
        "RUN . /etc/os-release; echo $VERSION_CODENAME; ls /usr/share/man | wc -l; ls /usr/share/doc/bash; find /var/lib/apt/lists -type f -name '*Packages*' | wc -l";
      const full = await run(fixture, `FROM debian\n${look}`);
      expect(full).toMatch(/^bookworm\n[1-9]\d*\n[\s\S]*CHANGES[\s\S]*\n0\n$/);
      expect(await run(fixture, `FROM debian:12-slim\n${look}`)).toBe("bookworm\n0\ncopyright\n0\n");
      const installed = await run(
        fixture,
        "FROM debian:bookworm-slim\nRUN apt-get update -q && apt-get install -qy --no-install-recommends bc && echo 6*7 | bc && ls /var/cache/apt/archives/*.deb | wc -l",
      );
      expect(installed).toMatch(/\n42\n[\s\S]*0\n$/);
      expect(await configOf(fixture, "debian")).toMatchObject({ Cmd: ["bash"] });
    });
  },
  MAKING_MS,
);

it(
  "python runs programs, and pip installs",
  async () => {
    await withSharedFixture({ egress: true }, async (fixture) => {
      const log = await run(
        fixture,
        [
          "FROM python:3",
          "RUN python -c 'print(6*7)' && python3 --version && echo $PYTHON_VERSION",
          "RUN mkdir -p /p/hello && cd /p && echo \"def hi(): return 'hi from pip'\" > hello/__init__.py",
          'RUN cd /p && printf \'from setuptools import setup\\nsetup(name="hello", version="1", packages=["hello"])\\n\' > setup.py',
          "RUN pip install --no-index --no-build-isolation /p 2>&1 | tail -1 && cd / && python -c 'import hello; print(hello.hi())'",
        ].join("\n"),
      );
      expect(log).toMatch(/^42\nPython (3\.11\.\d+)\n\1\n[\s\S]*hi from pip\n$/);
      expect(await configOf(fixture, "python:3.11-slim")).toMatchObject({ Cmd: ["python3"] });
    });
  },
  MAKING_MS,
);

it(
  "nginx serves /usr/share/nginx/html and logs to its streams",
  async () => {
    await withSharedFixture({ egress: true }, async (fixture) => {
      const log = await run(
        fixture,
        "FROM nginx:1.22\nRUN nginx -t 2>&1\nRUN echo hello > /usr/share/nginx/html/index.html\nRUN nginx -g 'daemon off;' & sleep 1; curl -s localhost/; nginx -s quit; wait",
      );
      expect(log).toContain("test is successful");
      expect(log).toMatch(/^hello$/m);
      expect(log).toMatch(/"GET \/ HTTP\/1.1" 200/);
      const config = await configOf(fixture, "nginx");
      expect(config).toMatchObject({
        Cmd: ["nginx", "-g", "daemon off;"],
        ExposedPorts: { "80/tcp": {} },
        StopSignal: "SIGQUIT",
      });
      expect(config.Env?.at(-1)).toMatch(/^NGINX_VERSION=1\.22\.\d+$/);
    });
  },
  MAKING_MS,
);

it(
  "gcc compiles with make",
  async () => {
    await withSharedFixture({ egress: true }, async (fixture) => {
      const source =
        '#include <stdio.h>\\nint main(void) { printf("hello from %%d\\\\n", __GNUC__); return 0; }\\n';
      const log = await run(
        fixture,
        `FROM gcc:12\nWORKDIR /src\nRUN printf '${source}' > hello.c && make hello && ./hello`,
      );
      expect(log).toMatch(/hello from 12\n$/);
    });
  },
  MAKING_MS,
);

it(
  "redis answers, and does not run as root",
  async () => {
    await withSharedFixture({ egress: true }, async (fixture) => {
      const log = await run(
        fixture,
        "FROM redis\nRUN docker-entrypoint.sh redis-server --protected-mode no --daemonize no > /dev/null & sleep 1; redis-cli ping; redis-cli config get dir; stat -c %U /proc/$(pidof redis-server); redis-cli shutdown nosave || true",
      );
      expect(log).toContain("PONG\ndir\n/data\nredis\n");
      expect(await configOf(fixture, "redis:7")).toMatchObject({
        ExposedPorts: { "6379/tcp": {} },
        WorkingDir: "/data",
      });
    });
  },
  MAKING_MS,
);

it(
  "httpd serves its htdocs",
  async () => {
    const request = 'exec 3<>/dev/tcp/127.0.0.1/80; printf "GET / HTTP/1.0\\r\\n\\r\\n" >&3; cat <&3';
    await withSharedFixture({ egress: true }, async (fixture) => {
      const log = await run(
        fixture,
        [
          "FROM httpd:2.4",
          "RUN httpd -f /usr/local/apache2/conf/httpd.conf -t 2>&1",
          `RUN httpd-foreground & sleep 1; bash -c '${request}'; kill $!; wait`,
        ].join("\n"),
      );
      expect(log).toContain("Syntax OK");
      expect(log).toContain("It works!");
      expect(await configOf(fixture, "httpd")).toMatchObject({
        Cmd: ["httpd-foreground"],
        StopSignal: "SIGWINCH",
      });
    });
  },
  MAKING_MS,
);

it(
  "what was made needs no network any more, and alpine's stand-in says what it is",
  async () => {
    await withSharedFixture({}, async (fixture) => {
      const log = await run(fixture, "FROM alpine:3.19\nRUN apk add curl 2>&1 || echo status $?");
      expect(log).toContain("alpine:3.19 → alpine-like:latest (this worker's map of images)\n");
      expect(log).toContain("This is busybox, not Alpine");
      expect(log).toMatch(/FROM debian:bookworm-slim[\s\S]*status 127\n$/);
      expect(await run(fixture, "FROM python:2.7\nRUN python -V")).toMatch(
        /^python:2.7 → python:latest .*\n.*Python 3.11/,
      );
    });
  },
  MAKING_MS,
);

it(
  "docker-host has docker's client and docker-compose, and no daemon",
  async () => {
    await withSharedFixture({ egress: true }, async (fixture) => {
      const log = await run(
        fixture,
        "FROM docker-host\nRUN docker --version && docker-compose version --short && which curl ps nano && ! which dockerd containerd runc && ping -c 1 127.0.0.1",
      );
      expect(log).toMatch(/^Docker version 20\.10\.\S+, build \S+\n1\.\d+\.\d+\n/);
      expect(log).toContain("1 packets transmitted, 1 received");
      const config = await configOf(fixture, "docker:cli");
      expect(config).toMatchObject({
        Cmd: ["bash"],
        Labels: { "slipway.engine": "true" },
        WorkingDir: "/root",
      });
    });
  },
  MAKING_MS,
);
