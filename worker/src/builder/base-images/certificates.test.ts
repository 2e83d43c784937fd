import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { extraCertificates, writeCertificates } from "./certificates.ts";

const pem = (name: string) => `-----BEGIN CERTIFICATE-----\n${name}\n-----END CERTIFICATE-----`;

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "slipway-certificates-"));
  await mkdir(path.join(directory, "local"));
  await mkdir(path.join(directory, "packaged/vendor"), { recursive: true });
  await writeFile(path.join(directory, "packaged/vendor/known.crt"), pem("known"));
  await writeFile(path.join(directory, "extra.pem"), `${pem("known")}\n${pem("operator")}\n`);
  await writeFile(path.join(directory, "bundle"), `${pem("known")}\n`);
});
afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

const sources = (extraBundle: string | null) => ({
  extraBundle,
  localDirectory: path.join(directory, "local"),
  packagedDirectory: path.join(directory, "packaged"),
  bundle: path.join(directory, "bundle"),
});

it("only what the distribution does not bring is extra", async () => {
  expect(await extraCertificates(sources(path.join(directory, "extra.pem")))).toEqual([pem("operator")]);
  await writeFile(path.join(directory, "local/mine.crt"), pem("mine"));
  expect(await extraCertificates(sources(null))).toEqual([pem("mine")]);
});

it("nothing is written where nothing is extra", async () => {
  expect(await writeCertificates(sources("/nowhere"), path.join(directory, "out"))).toBe(false);
});

it("an image gets each extra certificate, and a bundle of all", async () => {
  expect(
    await writeCertificates(sources(path.join(directory, "extra.pem")), path.join(directory, "out")),
  ).toBe(true);
  expect(await readdir(path.join(directory, "out/local"))).toEqual(["slipway-0.crt"]);
  expect(await readFile(path.join(directory, "out/bundle.crt"), "utf8")).toBe(
    `${pem("known")}\n${pem("operator")}\n`,
  );
});
