import { commandIdSchema } from "@slipway/protocol";
import { expect, test } from "vitest";
import { CommandLog } from "./command-log.ts";

test("a repeated command runs once and answers as the first did", async () => {
  const commands = new CommandLog();
  const id = commandIdSchema.parse("cccccccc");
  let runs = 0;
  const work = async () => {
    runs += 1;
    return { ok: true } as const;
  };
  const replies = await Promise.all([commands.run(id, work), commands.run(id, work)]);
  expect(replies).toEqual([{ ok: true }, { ok: true }]);
  expect(runs).toBe(1);
});
