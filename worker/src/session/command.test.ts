import { expect, test } from "vitest";
import { environment, isInteractiveShell, mainCommand, stopSignal } from "./command.ts";

test("the main process is ENTRYPOINT followed by CMD, as in Docker", () => {
  expect(mainCommand("command", { Entrypoint: ["node"], Cmd: ["app.js"] }, "/bin/sh")).toEqual([
    "node",
    "app.js",
  ]);
});

test("an image without a command gets a shell, and one without a shell either is refused", () => {
  expect(mainCommand("command", {}, "/bin/sh")).toEqual(["/bin/sh"]);
  expect(() => mainCommand("command", {}, null)).toThrowError(/no command/);
});

test("a shell can be asked for instead of the image's command", () => {
  expect(mainCommand("shell", { Cmd: ["node", "app.js"] }, "/bin/bash")).toEqual(["/bin/bash"]);
});

test.each([
  [["bash"], true],
  [["/bin/sh", "-l"], true],
  [["bash", "-c", "sleep 1"], false],
  [["bash", "run.sh"], false],
  [["node", "app.js"], false],
])("%j waits for input at a prompt: %s", (args, expected) => {
  expect(isInteractiveShell(args)).toBe(expected);
});

test("the image's environment wins over what is added", () => {
  const env = environment({ Env: ["PATH=/opt/bin", "EMPTY="] }, "host", "/root");
  expect(env).toContain("PATH=/opt/bin");
  expect(env).toContain("EMPTY=");
  expect(env).toContain("HOSTNAME=host");
  expect(env).toContain("LANG=C.UTF-8");
  expect(environment({ Env: ["LANG=ko_KR.UTF-8"] }, "host", "/")).toContain("LANG=ko_KR.UTF-8");
});

test("a waiting shell is ended by SIGHUP, anything else by SIGTERM, unless the image names a signal", () => {
  expect(stopSignal(["/bin/bash"], {})).toBe("SIGHUP");
  expect(stopSignal(["node", "app.js"], {})).toBe("SIGTERM");
  expect(stopSignal(["nginx"], { StopSignal: "SIGQUIT" })).toBe("SIGQUIT");
});
