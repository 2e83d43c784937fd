import { expect, test } from "vitest";
import { shown, wishOf } from "./quota-form.ts";

test("a form with empty fields leaves those to the settings, zero is a figure", () => {
  const given = new FormData();
  given.set("sessions", "0");
  given.set("memory", "512");
  given.set("cpus", " 0.5 ");
  given.set("disk", " ");
  expect(wishOf(given)).toEqual({
    sessions: 0,
    minutes: null,
    memoryBytes: 536_870_912,
    cpus: 0.5,
    diskBytes: null,
    buildsPerHour: null,
  });
});

test("figures come back as they were typed", () => {
  expect(shown(536_870_912, 1024 ** 2)).toBe("512");
  expect(shown(0.5, 1)).toBe("0.5");
  expect(shown(null, 1)).toBe("");
});
