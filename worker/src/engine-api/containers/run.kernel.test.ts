import { expect, test } from "vitest";
import { AddressPool } from "../../network/address-pool.ts";
import { sharedEngine, withoutContainersAfterEach } from "../shared-engine-fixture.ts";

const shared = sharedEngine();
withoutContainersAfterEach(shared);
const docker = (...args: string[]) => shared.engine.docker(args);

test("docker run prints what the command prints and exits as it exits", async () => {
  expect(await docker("run", "busybox", "echo", "Hello world")).toEqual({
    exitCode: 0,
    stdout: "Hello world\n",
    stderr: "",
  });
  const failed = await docker("run", "--rm", "busybox", "sh", "-c", "echo out; echo err >&2; exit 7");
  expect(failed).toEqual({ exitCode: 7, stdout: "out\n", stderr: "err\n" });
  const ps = await docker("ps", "-a", "--format", "{{.Image}} {{.Command}} {{.Status}}");
  expect(ps.stdout).toMatch(/^busybox "echo 'Hello world'" Exited \(0\) .* ago\n$/);
});

test("what a client writes is the command's stdin, and its end is the end of stdin", async () => {
  const input = "a line\n".repeat(50_000);
  const said = await shared.engine.docker(["run", "-i", "--rm", "busybox", "cat"], { input });
  expect(said.stdout).toBe(input);
  const none = await docker("run", "--rm", "busybox", "cat");
  expect(none).toMatchObject({ exitCode: 0, stdout: "" });
});

test("a directory is no command, which is 126", async () => {
  const directory = await docker("run", "--rm", "busybox", "/etc");
  expect(directory).toMatchObject({ exitCode: 126, stderr: expect.stringContaining("is a directory") });
});

test("a command that does not exist is 127, an image that does not is 125, and both are named", async () => {
  const command = await docker("run", "--rm", "busybox", "no-such-program");
  expect(command.exitCode).toBe(127);
  expect(command.stderr).toContain("no-such-program");
  const image = await shared.engine.ask("POST", "/containers/create", { Image: "no-such-image" });
  expect(image.status).toBe(404);
  expect(JSON.parse(image.text)).toEqual({
    message: expect.stringContaining("No such image: no-such-image:latest"),
  });
});

test("a container in the background is listed, inspected, executed in, stopped and removed", async () => {
  const run = await docker("run", "-d", "--name", "web", "-e", "COLOR=blue", "busybox", "sleep", "1000");
  expect(run.stdout).toMatch(/^[0-9a-f]{64}\n$/);
  const ps = await docker("ps", "--format", "{{.Names}} {{.Command}} {{.Status}}");
  expect(ps.stdout).toMatch(/^web "sleep 1000" Up (Less than a second|\d+ seconds?)\n$/);
  const inspect = JSON.parse((await docker("inspect", "web")).stdout) as {
    NetworkSettings: { IPAddress: string };
  }[];
  const pool = new AddressPool(shared.machine.parts.network.pool);
  expect(pool.numberOf(inspect[0]?.NetworkSettings.IPAddress ?? "")).not.toBeNull();
  expect(inspect[0]).toMatchObject({
    Name: "/web",
    State: { Status: "running", Running: true },
    Config: { Image: "busybox", Cmd: ["sleep", "1000"] },
  });
  const exec = await docker(
    "exec",
    "web",
    "sh",
    "-c",
    "echo $COLOR; hostname; ps | grep -c '[s]leep 1000'; exit 3",
  );
  expect(exec).toEqual({ exitCode: 3, stdout: `blue\n${run.stdout.slice(0, 12)}\n1\n`, stderr: "" });
  const input = await shared.engine.docker(["exec", "-i", "web", "cat"], { input: "through\n" });
  expect(input.stdout).toBe("through\n");
  const refused = await docker("rm", "web");
  expect(refused.stderr).toContain("You cannot remove a running container");
  expect((await docker("stop", "-t", "1", "web")).stdout).toBe("web\n");
  expect((await docker("ps", "-a", "--format", "{{.Status}}")).stdout).toMatch(/^Exited \(137\)/);
  expect((await docker("rm", "web")).stdout).toBe("web\n");
  expect((await docker("ps", "-aq")).stdout).toBe("");
});

test("a terminal is a terminal: what is printed comes raw, and sizes arrive", async () => {
  const said = await shared.engine.docker([
    "run",
    "--rm",
    "-t",
    "busybox",
    "sh",
    "-c",
    "[ -t 1 ] && echo is a tty",
  ]);
  expect(said.stdout).toBe("is a tty\r\n");
});

test("logs are kept: all of them, the last lines, with their times, and from then on", async () => {
  await docker(
    "run",
    "-d",
    "--name",
    "talk",
    "busybox",
    "sh",
    "-c",
    "for i in 1 2 3; do echo out $i; echo err $i >&2; done; sleep 1; echo late; sleep 100",
  );
  await shared.machine.until("it has written", async () =>
    (await docker("logs", "talk")).stdout.includes("late"),
  );
  expect((await docker("logs", "talk")).stdout).toBe("out 1\nout 2\nout 3\nlate\n");
  expect((await docker("logs", "--tail", "1", "talk")).stdout).toBe("late\n");
  const stamped = await docker("logs", "-t", "--tail", "1", "talk");
  expect(stamped.stdout).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z late\n$/);
  const followed = docker("logs", "-f", "talk");
  await docker("kill", "talk");
  expect((await followed).stdout).toBe("out 1\nout 2\nout 3\nlate\n");
});

test("wait says the exit code under each condition", async () => {
  await docker("create", "--name", "nine", "busybox", "sh", "-c", "sleep 0.3; exit 9");
  const next = docker("wait", "nine");
  const removed = shared.engine.ask("POST", "/containers/nine/wait?condition=removed");
  const nextExit = shared.engine.ask("POST", "/containers/nine/wait?condition=next-exit");
  await docker("start", "nine");
  expect(JSON.parse((await nextExit).text)).toEqual({ StatusCode: 9 });
  expect((await docker("wait", "nine")).stdout).toBe("9\n");
  await next;
  await docker("rm", "nine");
  expect(JSON.parse((await removed).text)).toEqual({ StatusCode: 9 });
  expect((await shared.engine.ask("POST", "/containers/nine/wait")).status).toBe(404);
});

test("--init passes signals on, reaps what others left, and is told; without it pid 1 is the command", async () => {
  const script = "trap 'exit 5' TERM; echo ready; sleep 1000 & while :; do wait; done";
  await docker("run", "-d", "--init", "--name", "kept", "busybox", "sh", "-c", script);
  await shared.machine.until("it runs", async () => (await docker("logs", "kept")).stdout === "ready\n");
  expect((await docker("exec", "kept", "cat", "/proc/1/cmdline")).stdout).toMatch(
    /^\/sbin\/docker-init\0--\0sh\0-c\0/,
  );
  await docker("exec", "kept", "sh", "-c", "sh -c 'sleep 0.1; touch /over' & exit");
  const left = "[ -e /over ] && ! grep -q '^State:.Z' /proc/[0-9]*/status";
  await shared.machine.until("nothing is left of the orphan", async () => {
    return (await docker("exec", "kept", "sh", "-c", left)).exitCode === 0;
  });
  const told = JSON.parse((await docker("inspect", "kept")).stdout) as object[];
  expect(told[0]).toMatchObject({ Path: "sh", Args: ["-c", script], HostConfig: { Init: true } });
  expect((await docker("stop", "-t", "30", "kept")).exitCode).toBe(0);
  expect((await docker("inspect", "-f", "{{.State.ExitCode}}", "kept")).stdout).toBe("5\n");
  const plain = await docker("run", "--rm", "busybox", "cat", "/proc/1/cmdline");
  expect(plain.stdout).toBe("cat\0/proc/1/cmdline\0");
  const missing = await docker("run", "--rm", "--init", "--read-only", "busybox", "no-such-program");
  expect(missing).toMatchObject({ exitCode: 127, stderr: expect.stringContaining("no-such-program") });
});

test("--ulimit holds for what runs and what is executed, within the session's own, and unknown ones are refused", async () => {
  const limits = ["--ulimit", "core=0:2048", "--ulimit", "nofile=64:9999999", "--ulimit", "nproc=9"];
  await docker("run", "-d", "--name", "tight", ...limits, "busybox", "sh", "-c", "ulimit -a; sleep 1000");
  const script = "ulimit -Hc; ulimit -n; ulimit -Hn; ulimit -u";
  expect((await docker("exec", "tight", "sh", "-c", script)).stdout).toBe("4\n64\n1024\n9\n");
  const bomb = "for i in 1 2 3 4 5 6 7 8 9 10 11 12; do sleep 9 & done; echo all";
  expect((await docker("exec", "tight", "sh", "-c", bomb)).stderr).toMatch(/fork/);
  const told = JSON.parse((await docker("inspect", "tight")).stdout) as object[];
  expect(told[0]).toMatchObject({
    HostConfig: { Ulimits: expect.arrayContaining([{ Name: "core", Hard: 2048, Soft: 0 }]) },
  });
  const ask = (Ulimits: object[]) =>
    shared.engine.ask("POST", "/containers/create", { Image: "busybox", HostConfig: { Ulimits } });
  const unknown = await ask([{ Name: "love", Soft: 1, Hard: 1 }]);
  expect(unknown).toMatchObject({ status: 400, text: '{"message":"invalid ulimit type: love"}\n' });
  expect((await ask([{ Name: "core", Soft: 2, Hard: 1 }])).status).toBe(400);
});

test("what a session can't allow is refused with one sentence", async () => {
  for (const [options, sentence] of [
    [["--privileged"], /Privileged containers are not allowed/],
    [["--pid=host"], /pid namespace of its own/],
    [["--device=/dev/null"], /Devices of the machine/],
    [["--cap-add=SYS_ADMIN"], /CAP_SYS_ADMIN is not allowed/],
    [["--security-opt=seccomp=unconfined"], /default profiles/],
    [["--sysctl=net.ipv4.ip_forward=1"], /Sysctls can't be set/],
    [["--memory=1m"], /Minimum memory limit/],
    [["--cpus=64"], /Range of CPUs/],
  ] as const) {
    const said = await docker("run", "--rm", ...options, "busybox", "true");
    expect([options, said.exitCode]).toEqual([options, 125]);
    expect(said.stderr).toMatch(sentence);
  }
});
