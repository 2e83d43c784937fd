import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "@playwright/test";
import { build, launch, newPlayground, screen, stop, type } from "./journey.ts";

test.use({ locale: "en-US", viewport: { width: 1440, height: 900 } });

/** Where the Slipway under test writes down the pids of its processes. */
const run = path.join(process.env.SLIPWAY_E2E_DATA_DIR ?? "/var/lib/slipway", "run");

function kill(name: "worker" | "web"): void {
  const { pid } = JSON.parse(readFileSync(path.join(run, `${name}.json`), "utf8")) as { pid: number };
  process.kill(pid, "SIGKILL");
}

for (const name of ["worker", "web"] as const) {
  test(`a session survives a killed ${name}: the same shell, with what it printed meanwhile`, async ({
    page,
  }) => {
    await newPlayground(page);
    await build(page);
    await launch(page);
    await type(page, "kept=$((40+2)); (sleep 2; echo meanwhile-$kept) &", /\$ |# /);
    kill(name);
    await expect(screen(page)).toContainText("meanwhile-42", { timeout: 30_000 });
    await type(page, "echo still-$kept", /still-42/);
    await stop(page);
  });
}
