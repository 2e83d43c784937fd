import { expect, test } from "vitest";
import { createRateLimits, GUESTS_OF_ADDRESS, RATES } from "./rate-limits.ts";

const times = async (count: number, work: () => Promise<void>): Promise<void> => {
  for (let done = 0; done < count; done += 1) await work();
};
const refused = { code: "rate-limited", params: { seconds: expect.any(Number) } };

test("one person's requests are counted by kind, and keep nobody else from theirs", async () => {
  const limits = createRateLimits();
  const { points, seconds } = RATES.launch;
  await times(points, () => limits.spend("launch", "ann"));
  const refusal = limits.spend("launch", "ann");
  await expect(refusal).rejects.toMatchObject(refused);
  await refusal.catch(({ params }) => expect(params.seconds).toBeLessThanOrEqual(seconds));
  await limits.spend("build", "ann");
  await limits.spend("launch", "bob");
});

test("who becomes a new guest for every request gets no further than a classroom at one address", async () => {
  const limits = createRateLimits();
  const most = RATES.launch.points * GUESTS_OF_ADDRESS;
  await times(most, () => limits.spendAsGuest("launch", "192.0.2.1"));
  await expect(limits.spendAsGuest("launch", "192.0.2.1")).rejects.toMatchObject(refused);
  await limits.spendAsGuest("launch", "192.0.2.2");
  // People with an account behind the same address are not counted among its guests.
  await limits.spend("launch", "ann");
});
