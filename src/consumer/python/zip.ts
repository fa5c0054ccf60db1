/** Reads ZIP files, as wheels are. What is damaged, encrypted or larger than 4 GB is not read. */
import { inflateRawSync } from 'node:zlib';

export interface ZipEntry {
  readonly name: string;
  /** In bytes, unpacked; as the archive says. */
  readonly size: number;
  /** @returns its content; undefined if it is damaged, or larger than it says */
  readonly read: () => Buffer | undefined;
}

const END = 0x06054b50;
const ENTRY = 0x02014b50;
const LOCAL = 0x04034b50;
const END_LENGTH = 22;
const ENTRY_LENGTH = 46;
const LOCAL_LENGTH = 30;
const STORED = 0;
const DEFLATED = 8;

/** The record at the end of the archive: a comment of at most 64 kB may follow it. */
function endOf(bytes: Buffer): number | undefined {
  const from = Math.max(0, bytes.length - END_LENGTH - 0xffff);
  for (let at = bytes.length - END_LENGTH; at >= from; at--) if (bytes.readUInt32LE(at) === END) return at;
  return undefined;
}

function contentOf(
  bytes: Buffer,
  at: number,
  packed: number,
  size: number,
  method: number,
): Buffer | undefined {
  if (bytes.readUInt32LE(at) !== LOCAL) return undefined;
  const start = at + LOCAL_LENGTH + bytes.readUInt16LE(at + 26) + bytes.readUInt16LE(at + 28);
  const raw = bytes.subarray(start, start + packed);
  if (raw.length !== packed) return undefined;
  if (method === STORED) return raw;
  return method === DEFLATED ? inflateRawSync(raw, { maxOutputLength: Math.max(size, 1) }) : undefined;
}

function entryAt(
  bytes: Buffer,
  at: number,
): { readonly entry: ZipEntry; readonly packed: number; readonly next: number } {
  if (bytes.readUInt32LE(at) !== ENTRY) throw new RangeError('this is no entry');
  const [packed, size] = [bytes.readUInt32LE(at + 20), bytes.readUInt32LE(at + 24)];
  const [nameLength, extra, comment] = [28, 30, 32].map((field) => bytes.readUInt16LE(at + field)) as [
    number,
    number,
    number,
  ];
  const method = bytes.readUInt16LE(at + 10);
  const local = bytes.readUInt32LE(at + 42);
  const name = bytes.toString('utf8', at + ENTRY_LENGTH, at + ENTRY_LENGTH + nameLength);
  const read = (): Buffer | undefined => {
    try {
      return contentOf(bytes, local, packed, size, method);
    } catch {
      return undefined;
    }
  };
  return { entry: { name, size, read }, packed, next: at + ENTRY_LENGTH + nameLength + extra + comment };
}

/**
 * @param bytes the whole archive
 * @returns its files, without its folders, in their order; undefined if it is no ZIP file that can be read
 */
export function readZip(bytes: Buffer): ZipEntry[] | undefined {
  const end = endOf(bytes);
  if (end === undefined) return undefined;
  try {
    const entries: ZipEntry[] = [];
    let at = bytes.readUInt32LE(end + 16);
    let room = bytes.length;
    for (let left = bytes.readUInt16LE(end + 10); left > 0; left--) {
      const { entry, packed, next } = entryAt(bytes, at);
      room -= packed;
      // Where files share their content, a small archive could hold any number of large ones.
      if (room < 0) return undefined;
      if (!entry.name.endsWith('/')) entries.push(entry);
      at = next;
    }
    return entries;
  } catch {
    return undefined;
  }
}
