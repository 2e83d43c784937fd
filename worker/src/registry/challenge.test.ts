import { expect, test } from "vitest";
import { parseChallenges } from "./challenge.ts";

const read = (header: string) =>
  parseChallenges(header).map(({ scheme, parameters }) => [scheme, Object.fromEntries(parameters)]);

test.each([
  [
    'Bearer realm="https://auth.example/token",service="registry.example",scope="repository:a/b:pull,push"',
    [
      [
        "bearer",
        {
          realm: "https://auth.example/token",
          service: "registry.example",
          scope: "repository:a/b:pull,push",
        },
      ],
    ],
  ],
  [
    'Basic realm="one", Bearer Realm="two" , service=three',
    [
      ["basic", { realm: "one" }],
      ["bearer", { realm: "two", service: "three" }],
    ],
  ],
  ['Basic realm="a \\"quoted\\" word"', [["basic", { realm: 'a "quoted" word' }]]],
  ["Negotiate", [["negotiate", {}]]],
  ['realm="of nothing"', []],
  ["", []],
  [',,="",', []],
])("the header %s", (header, challenges) => {
  expect(read(header)).toEqual(challenges);
});

test("a header of megabytes is read to its bound, in no time", () => {
  const started = performance.now();
  parseChallenges('Bearer realm="'.repeat(200_000));
  parseChallenges(`Bearer ${'a="\\\\'.repeat(200_000)}`);
  expect(performance.now() - started).toBeLessThan(200);
});
