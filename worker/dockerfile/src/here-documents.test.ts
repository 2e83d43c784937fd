import { describe, expect, it } from "vitest";
import { hereDocumentsOf, openingOf } from "./here-documents.ts";
import { parseDockerfile } from "./parser.ts";

const names = (line: string) => hereDocumentsOf(line).map(({ name }) => name);

describe("a line opens here-documents as BuildKit sees them", () => {
  it.each([
    ["RUN <<EOF", ["EOF"]],
    ["RUN <<-EOF", ["EOF"]],
    ["RUN << EOF", ["EOF"]],
    ["RUN <<- EOF > x", ["EOF"]],
    ["RUN << -EOF", ["-EOF"]],
    ["RUN 3<<EOF", ["EOF"]],
    ["RUN <<A cat <<B", ["A", "B"]],
    ["RUN <<'A B'", ["A B"]],
    ["RUN <<$X", ["$X"]],
    ["RUN <<eo'f'", ["eof"]],
    ["RUN <<eo\\'f", ["eo'f"]],
    ['RUN "<<EOF"', []],
    ["RUN cat<<EOF", []],
    ["RUN <<<EOF", []],
    ["RUN <<", []],
    ["RUN <<'EOF", []],
    ["RUN it's <<EOF", []],
  ])("%s opens %j", (line, expected) => {
    expect(names(line)).toEqual(expected);
  });

  it.each([
    ["<<EOF", true],
    ["<<eo\\'f", true],
    ["<<'EOF'", false],
    ['<<"EOF"', false],
    ["<<E'O'F", false],
  ])("%s expands: %s", (word, expand) => {
    expect(openingOf(word)?.expand).toBe(expand);
  });

  it("only in RUN, COPY and ADD, also after ONBUILD, and never in the JSON form", () => {
    const { instructions, diagnostics } = parseDockerfile(
      [
        "FROM a",
        "USER <<NO",
        "CMD <<NO",
        'RUN ["<<NO"]',
        'RUN --network=none ["<<NO"]',
        "onbuild run <<A",
        "RUN echo",
        "A",
        "RUN --mount=type=tmpfs,target=/x <<B",
        "# no comment",
        "B",
      ].join("\n"),
    );
    expect(diagnostics).toEqual([]);
    expect(instructions.map(({ kind }) => kind)).toEqual([
      "from",
      "user",
      "cmd",
      "run",
      "run",
      "onbuild",
      "run",
    ]);
    const last = instructions.at(-1);
    expect(last?.kind === "run" && last.command).toMatchObject({
      hereDocuments: [{ content: "# no comment\n" }],
    });
  });
});
