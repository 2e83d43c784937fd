/**
 * Tar headers as layers need them: ustar, with PAX records where ustar has no room (pax(1), "pax Interchange Format").
 * tar-stream's `pack` is not used for writing: it turns mode 0 into 0644 and can't hold extended attributes.
 */
export interface TarHeader {
  readonly path: string;
  readonly type: "file" | "link" | "symlink" | "directory" | "fifo";
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly sizeBytes: number;
  readonly mtimeSeconds: number;
  readonly linkTarget?: string;
  /** Extended attributes by name, written as SCHILY.xattr records. */
  readonly attributes?: ReadonlyMap<string, Uint8Array>;
}

export const TAR_BLOCK_BYTES = 512;
/** Two empty blocks end an archive. */
export const TAR_END = new Uint8Array(2 * TAR_BLOCK_BYTES);

const TYPE_FLAGS = { file: "0", link: "1", symlink: "2", directory: "5", fifo: "6" } as const;
const NAME_BYTES = 100;
/** Largest values of octal fields of 8 and 12 bytes. */
const MAX_SHORT = 0o7777777;
const MAX_LONG = 0o77777777777;

/** The header's blocks, its PAX records before it where it needs them. */
export function encodeTarHeader(header: TarHeader): Uint8Array {
  const records = paxRecords(header);
  const block = ustarBlock(header, TYPE_FLAGS[header.type], header.sizeBytes);
  if (records.length === 0) return block;
  const body = Buffer.concat(records);
  const pax = ustarBlock(
    { ...header, path: "PaxHeaders/entry", linkTarget: "", mode: 0o644 },
    "x",
    body.byteLength,
  );
  return Buffer.concat([pax, body, tarPadding(body.byteLength), block]);
}

/** What fills the last block of a file's content. */
export function tarPadding(sizeBytes: number): Uint8Array {
  return new Uint8Array((TAR_BLOCK_BYTES - (sizeBytes % TAR_BLOCK_BYTES)) % TAR_BLOCK_BYTES);
}

function paxRecords(header: TarHeader): Buffer[] {
  const records: Buffer[] = [];
  const add = (key: string, value: string | Uint8Array) => records.push(paxRecord(key, Buffer.from(value)));
  if (!fits(header.path)) add("path", header.path);
  if (header.linkTarget !== undefined && !fits(header.linkTarget)) add("linkpath", header.linkTarget);
  if (header.sizeBytes > MAX_LONG) add("size", String(header.sizeBytes));
  if (header.uid > MAX_SHORT) add("uid", String(header.uid));
  if (header.gid > MAX_SHORT) add("gid", String(header.gid));
  if (header.mtimeSeconds < 0 || header.mtimeSeconds > MAX_LONG) add("mtime", String(header.mtimeSeconds));
  for (const [name, value] of [...(header.attributes ?? [])].sort()) add(`SCHILY.xattr.${name}`, value);
  return records;
}

/** `<length> <key>=<value>\n`, where the length counts itself. */
function paxRecord(key: string, value: Buffer): Buffer {
  const rest = Buffer.concat([Buffer.from(` ${key}=`), value, Buffer.from("\n")]);
  let length = rest.byteLength + 1;
  while (String(length).length + rest.byteLength !== length) length = String(length).length + rest.byteLength;
  return Buffer.concat([Buffer.from(String(length)), rest]);
}

function fits(text: string): boolean {
  return Buffer.byteLength(text) <= NAME_BYTES && Buffer.byteLength(text) === text.length;
}

function ustarBlock(header: TarHeader, typeFlag: string, sizeBytes: number): Uint8Array {
  const block = Buffer.alloc(TAR_BLOCK_BYTES);
  const octal = (offset: number, bytes: number, value: number, max: number) => {
    const usable = value < 0 || value > max ? 0 : value;
    block.write(`${usable.toString(8).padStart(bytes - 1, "0")}\0`, offset, "latin1");
  };
  Buffer.from(header.path).copy(block, 0, 0, NAME_BYTES);
  octal(100, 8, header.mode & 0o7777, MAX_SHORT);
  octal(108, 8, header.uid, MAX_SHORT);
  octal(116, 8, header.gid, MAX_SHORT);
  octal(124, 12, sizeBytes, MAX_LONG);
  octal(136, 12, header.mtimeSeconds, MAX_LONG);
  block.fill(" ", 148, 156);
  block.write(typeFlag, 156, "latin1");
  Buffer.from(header.linkTarget ?? "").copy(block, 157, 0, NAME_BYTES);
  block.write("ustar\x0000", 257, "latin1");
  let sum = 0;
  for (const byte of block) sum += byte;
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return block;
}
