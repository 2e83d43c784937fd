import { expect, test } from "vitest";
import type { SessionView } from "../../rpc/client.ts";
import { changed, phaseOf } from "./session-phase.ts";

const view = (id: string, state: SessionView["state"]) => ({ id, state }) as SessionView;
const news = (of: SessionView, launched = false) => ({ kind: "view", view: of, launched }) as const;

test("an end stays an end when news from before it arrive after it", () => {
  const ended = changed(phaseOf(view("a", "stopping")), news(view("a", "ended")));
  expect(changed(ended, news(view("a", "stopping"))).kind).toBe("ended");
});

test("news of an earlier session change nothing, the answer to a launch always does", () => {
  const live = phaseOf(view("b", "running"));
  expect(changed(live, news(view("a", "ended")))).toBe(live);
  expect(changed(phaseOf(view("a", "ended")), news(view("b", "starting"), true))).toMatchObject({
    kind: "live",
  });
});
