import { digestSchema, imageAboutSchema } from "@slipway/protocol";
import { expect, it } from "vitest";
import { type ImageConfig, imageConfigSchema } from "../oci/image-spec.ts";
import { aboutImage } from "./about.ts";
import type { Image } from "./image-store.ts";

const digest = (digit: string) => digestSchema.parse(`sha256:${digit.repeat(64)}`);

function imageOf(config: Partial<ImageConfig>): Image {
  const layers = ["1", "2"].map((digit) => ({
    digest: digest(digit),
    diffId: digest(digit),
    sizeBytes: 1,
    mediaType: "",
  }));
  return {
    digest: digest("a"),
    imageId: digest("b"),
    manifest: {} as Image["manifest"],
    layers,
    snapshot: null,
    sizeBytes: 2,
    config: imageConfigSchema.parse({
      architecture: "amd64",
      os: "linux",
      rootfs: { type: "layers", diff_ids: layers.map(({ diffId }) => diffId) },
      ...config,
    }),
  };
}

it("an image that says nothing is told as one that says nothing", () => {
  expect(imageAboutSchema.parse(aboutImage(imageOf({})))).toMatchObject({
    entrypoint: null,
    cmd: null,
    env: [],
    user: "",
    healthcheck: null,
    shell: null,
    created: null,
    metadata: [],
    layers: [{ createdBy: "" }, { createdBy: "" }],
  });
});

it("everything that a config can say is told, Docker's own fields included", () => {
  const about = aboutImage(
    imageOf({
      created: "2026-01-01T00:00:00Z",
      config: {
        Entrypoint: ["node"],
        Cmd: ["app.js"],
        Env: ["A=b=c"],
        ExposedPorts: { "8080/tcp": {}, "53/udp": {} },
        User: "1000:1000",
        WorkingDir: "/srv",
        Volumes: { "/data": {} },
        Labels: { a: "1" },
        StopSignal: "SIGINT",
        Shell: ["/bin/bash", "-c"],
        OnBuild: ["RUN later"],
        Healthcheck: { Test: ["CMD", "true"], Interval: 5e9, Timeout: 0, Retries: 3 },
      },
    }),
  );
  expect(imageAboutSchema.parse(about)).toMatchObject({
    entrypoint: ["node"],
    cmd: ["app.js"],
    env: ["A=b=c"],
    exposedPorts: ["53/udp", "8080/tcp"],
    user: "1000:1000",
    workingDir: "/srv",
    volumes: ["/data"],
    labels: [{ key: "a", value: "1" }],
    stopSignal: "SIGINT",
    shell: ["/bin/bash", "-c"],
    onBuild: ["RUN later"],
    healthcheck: {
      test: ["CMD", "true"],
      intervalMs: 5000,
      timeoutMs: null,
      startPeriodMs: null,
      retries: 3,
    },
  });
});

it("instructions stand at their layer, and those without one say how many layers are below them", () => {
  const history = [
    { created_by: "FROM" },
    { created_by: "ENV a=b", empty_layer: true },
    { created_by: "RUN x" },
    { created_by: "CMD x", empty_layer: true },
  ];
  const { layers, metadata } = aboutImage(imageOf({ history }));
  expect(layers.map(({ createdBy }) => createdBy)).toEqual(["FROM", "RUN x"]);
  expect(metadata).toEqual([
    { above: 1, createdBy: "ENV a=b" },
    { above: 2, createdBy: "CMD x" },
  ]);
});

it("a config that was made to be too much fits all the same", () => {
  const many = Array.from({ length: 1000 }, (_, index) => `${index}=${"x".repeat(5000)}`);
  const about = aboutImage(
    imageOf({
      config: {
        Env: many,
        Cmd: many,
        User: "u".repeat(9999),
        Labels: Object.fromEntries(many.map((text) => [text, text])),
        Healthcheck: { Test: "no list" },
        Shell: 7,
      } as never,
      history: many.map((created_by) => ({ created_by, empty_layer: true })),
    }),
  );
  expect(imageAboutSchema.parse(about).env).toHaveLength(256);
  expect(about).toMatchObject({ healthcheck: null, shell: null });
});
