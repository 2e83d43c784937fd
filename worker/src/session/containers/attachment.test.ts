import { expect, test } from "vitest";
import type { KeptProcess } from "../../keeper/keeper.ts";
import { Attachment } from "./attachment.ts";

test("who has left before the process runs is there for it once, and goes again: a keeper waits for whom it was told of", async () => {
  const seen: string[] = [];
  const streams = { close: () => seen.push("closed") };
  const process = {
    attach: async () => {
      seen.push("attached");
      return streams;
    },
  } as unknown as KeptProcess;
  const attachment = new Attachment({ output: () => true, ended: () => seen.push("ended") });
  attachment.close();
  await attachment.begin(process);
  expect(seen).toEqual(["attached", "closed"]);
});
