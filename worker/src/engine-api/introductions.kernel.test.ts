import { mkdirSync, mkdtempSync, readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { Digest } from "@slipway/protocol";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  basicAuth,
  PASSWORD,
  startRegistry,
  type TestRegistry,
  USERNAME,
} from "../image-store/registry-fixture.ts";
import { ownNumber } from "../process/test-lane-fixture.ts";
import { TestMachine } from "../session/test-machine.ts";
import { TestEngine } from "./engine-fixture.ts";
import { rootfsWith, which } from "./host-rootfs-fixture.ts";
import { imageSources } from "./parts-fixture.ts";
import { TypedTerminal } from "./typed-terminal-fixture.ts";

/* Types what Docker's introductions have a beginner type into the terminal of a session, word for word. */

const TEST_MS = 10 * 60_000;
const PROMPT = "ready> ";
const HERE = path.dirname(fileURLToPath(import.meta.url));
const HOST_IMAGE = path.join(HERE, "../../../infra/images/docker");

const APP = `const http = require('http');
const os = require('os');

console.log("server starting...");

var handler = function(req, res) {
    console.log("received request from " + req.connection.remoteAddress);
    res.writeHead(200);
    res.end("you've hit " + os.hostname() + "\\n");
};

var www = http.createServer(handler);
www.listen(8080);
`;

/** Each instruction that the introductions name. */
const ALL_INSTRUCTIONS = `FROM busybox
LABEL what=introduction
ENV FROM_ENV="from env"
WORKDIR /app
COPY file ./
ADD file added
RUN cat file added > both
RUN test "$(wc -l < both)" = 2
VOLUME /kept
USER user
EXPOSE 3000
ENTRYPOINT ["sh", "-c", "echo $(id -un) $(pwd) $FROM_ENV $(cat file) entrypoint $0 $*"]
CMD ["command"]
`;

interface Line {
  readonly typed: string;
  readonly expected: RegExp | null;
}

function introductions(registry: string): Line[] {
  const text = readFileSync(path.join(HERE, "testdata/introductions.txt"), "utf8");
  const lines = text.split("\n").filter((line) => /^[$>] /.test(line));
  return lines.flatMap((line, index) => {
    if (!line.startsWith("$ ")) return [];
    const next = lines[index + 1];
    const expected = next?.startsWith("> ")
      ? new RegExp(next.slice(2).replaceAll("REGISTRY", registry.replaceAll(".", "\\.")))
      : null;
    return [
      { typed: line.slice(2).replaceAll("REGISTRY", registry).replaceAll("PASSWORD", PASSWORD), expected },
    ];
  });
}

let directory: string;
let hub: TestRegistry;
let registry: TestRegistry;
const machines: TestMachine[] = [];

beforeAll(async () => {
  directory = mkdtempSync(path.join(tmpdir(), "slipway-introductions-"));
  hub = await startRegistry({ directory: path.join(directory, "hub") });
  const more = await basicAuth(path.join(directory, "auth"));
  registry = await startRegistry({ directory: path.join(directory, "registry"), more });
}, TEST_MS);
afterAll(async () => {
  for (const machine of machines) await machine.dispose();
  await hub.stop();
  await registry.stop();
  await rm(directory, { recursive: true, force: true });
}, TEST_MS);

const ownDirectory = (name: string): string => {
  const own = path.join(directory, name);
  mkdirSync(own);
  return own;
};

/** A worker to which a registry of loopback is Docker Hub. */
async function newMachine(step: number): Promise<TestMachine> {
  const machine = await TestMachine.make({ own: ownNumber(36 ** 3, step) });
  await imageSources(machine, [registry.host, hub.host], hub.host);
  machines.push(machine);
  return machine;
}

/** A stand-in for the base image `docker-host`, of this machine's programs and with the recipe's own. */
async function hostImage(machine: TestMachine): Promise<Digest> {
  const programs = {
    "/bin/bash": "/bin/bash",
    "/usr/bin/docker": which("docker"),
    "/usr/bin/curl": which("curl"),
    "/usr/bin/ps": which("ps"),
    "/bin/ps": path.join(HOST_IMAGE, "ps"),
  };
  const rootfs = rootfsWith(ownDirectory(`host-${machine.own}`), programs, {
    "root/hello/app.js": APP,
    "root/hello/Dockerfile": 'FROM node:7\nADD app.js /app.js\n\nENTRYPOINT ["node", "app.js"]\n',
    "root/all/Dockerfile": ALL_INSTRUCTIONS,
    "root/all/file": "file\n",
  });
  return await machine.image(["bash"], rootfs);
}

async function fillHub(machine: TestMachine): Promise<void> {
  const programs = { "/bin/node": process.execPath, "/bin/bash": "/bin/bash", "/bin/ps": which("ps") };
  const prompt = { "etc/bash.bashrc": "PS1='\\u@\\h:\\w\\$ '\n", "root/.bashrc": "PS1='\\u@\\h:\\w\\$ '\n" };
  const node = rootfsWith(ownDirectory("node"), programs, prompt);
  const busybox = await machine.image(["sh"]);
  const images = { busybox, "ubuntu:14.04": busybox, "node:7": await machine.image(["node"], node) };
  const { transfer } = await imageSources(machine, []);
  for (const [name, image] of Object.entries(images)) {
    const options = { image, credentials: [], onProgress: () => {}, signal: new AbortController().signal };
    await transfer.push(`${hub.host}/library/${name}`, options);
  }
}

/** Where a person types; the prompt is told apart from the line that sets it. */
async function terminalOf({ sessions, request }: TestEngine): Promise<TypedTerminal> {
  const terminal = await TypedTerminal.open(sessions.terminal(request.sessionId, request.terminals.main));
  await terminal.type(
    `export PATH=/bin:/usr/bin HOME=/root PS1='${PROMPT.slice(0, 3)}''${PROMPT.slice(3)}'`,
    /ready> /,
  );
  return terminal;
}

test(
  "every command of the introductions does in a session's terminal what they say, and the pushed image runs on a second worker",
  async () => {
    const first = await newMachine(0);
    await fillHub(first);
    const engine = await TestEngine.launch(first, { image: await hostImage(first) });
    const lines = introductions(registry.host);
    try {
      const terminal = await terminalOf(engine);
      for (const { typed, expected } of lines) {
        // A prompt in the end, also that of a container's shell or of a password: nothing runs any more.
        await terminal.type(typed, /(?:ready>|#|Password:) ?$/, ...(expected === null ? [] : [expected]));
      }
    } finally {
      await engine.end();
    }
    expect(lines.length).toBeGreaterThan(50);
    const second = await newMachine(1);
    const other = await TestEngine.launch(second, { image: await hostImage(second) });
    try {
      const terminal = await terminalOf(other);
      await terminal.type(`docker login -u ${USERNAME} ${registry.host}`, /Password:/);
      await terminal.type(PASSWORD, /Login Succeeded/);
      const pulled = /Pull complete[\s\S]*[0-9a-f]{64}\n/;
      await terminal.type(`docker run -p 8080:8080 -d ${registry.host}/ada/hello`, pulled);
      const asked = "curl --silent --retry 30 --retry-connrefused localhost:8080";
      await terminal.type(asked, /you've hit [0-9a-f]{12}/);
    } finally {
      await other.end();
    }
  },
  TEST_MS,
);
