import type { StreamParser } from "@codemirror/language";

/** Colours of an ignore file: comments, `!`, wildcards. A `#` begins a comment at the very start of a line only. */
export const ignoreFileMode: StreamParser<null> = {
  name: "dockerignore",
  startState: () => null,
  token(stream) {
    if (stream.sol() && stream.peek() === "#") {
      stream.skipToEnd();
      return "comment";
    }
    if (stream.eatSpace()) return null;
    if (stream.eat("!")) return "keyword";
    if (stream.eatWhile(/[*?]/)) return "number";
    if (stream.match(/^\[[^\]]*\]/)) return "number";
    stream.next();
    stream.eatWhile(/[^*?[]/);
    return "string";
  },
};
