import { describe, expect, it } from "vitest";
import { parseLines, parseStanzas, toSourcesList } from "./apt-sources.ts";

describe("apt sources of images follow those of the machine", () => {
  it("reads both forms", () => {
    const line =
      "deb [signed-by=/x.gpg] http://mirror.test/debian trixie main contrib # comment\n# deb http://no.test x main";
    expect(parseLines(line)).toEqual([{ uri: "http://mirror.test/debian", suite: "trixie" }]);
    const stanzas = [
      "# a comment\nTypes: deb\nURIs: http://mirror.test/debian\nSuites: bookworm bookworm-updates\nComponents: main\n",
      "Types: deb-src\nURIs: http://source.test\nSuites: bookworm\nComponents: main\n",
      "Enabled: no\nTypes: deb\nURIs: http://off.test\nSuites: bookworm\nComponents: main\n",
    ].join("\n");
    expect(parseStanzas(stanzas)).toEqual([
      { uri: "http://mirror.test/debian", suite: "bookworm" },
      { uri: "http://mirror.test/debian", suite: "bookworm-updates" },
    ]);
  });

  it("asks the same mirrors for the release of the images, and leaves others out", () => {
    const sources = [
      { uri: "http://mirror.test/debian", suite: "trixie" },
      { uri: "http://mirror.test/debian-security", suite: "trixie-security" },
      { uri: "https://other.test/apt", suite: "cloud-sdk-bookworm" },
      { uri: "https://other.test/node", suite: "nodistro" },
    ];
    expect(toSourcesList(sources)).toBe(
      "deb http://mirror.test/debian bookworm main\ndeb http://mirror.test/debian-security bookworm-security main\n",
    );
  });

  it("is empty on a machine that is not Debian", () => {
    expect(toSourcesList([{ uri: "http://mirror.test/ubuntu", suite: "noble" }])).toBe("");
  });
});
