/**
 * What a history says of a layer, as it stands in a Dockerfile: BuildKit ends it in `# buildkit`, and the classic builder
 * begins it with the shell that ran it, or with `#(nop)` where nothing ran.
 */
export function instructionText(createdBy: string): string {
  const text = createdBy.replace(/\s*# buildkit$/, "").trim();
  const nop = /^\/bin\/sh -c #\(nop\)\s+(.*)$/s.exec(text);
  if (nop?.[1] !== undefined) return nop[1];
  const shell = /^(?:RUN )?\/bin\/sh -c (.*)$/s.exec(text);
  return shell?.[1] === undefined ? text : `RUN ${shell[1]}`;
}
