/** Reads what a program or library for Linux needs, and what is left in it of its build. Its bytes are untrusted. */

/** A name that it expects somebody else to have. */
export interface NeededSymbol {
  readonly name: string;
  /** It does without it. */
  readonly isWeak: boolean;
}

export interface Elf {
  readonly needs: readonly NeededSymbol[];
  /** Versions of the names that it needs: `GLIBC_2.17`. */
  readonly versions: readonly string[];
  /** Folders in which it looks for libraries. */
  readonly rpaths: readonly string[];
  /** Bytes that only debuggers read. */
  readonly debugBytes: number;
  /** It has no table of sections, so all else is empty; it works without. */
  readonly isBare: boolean;
}

const MAGIC = Buffer.from([0x7f, 0x45, 0x4c, 0x46]);
/** 64 bits, and the lowest byte first. */
const CLASS = Buffer.from([2, 1]);
const DYNAMIC = 6;
const SYMBOLS = 11;
const VERSIONS_NEEDED = 0x6ffffffe;
const NO_BITS = 8;
const HEADER_SIZE = 64;
const SYMBOL_SIZE = 24;
const RPATHS = [15n, 29n];
const WEAK = 2;
/** Nobody means what is more: it would only keep its reader busy. */
const LONGEST_TEXT = 4096;
const MOST_LIBRARIES = 1000;
const VERSION_SIZE = 16;
/** Of a name that need not be there in that version. */
const WEAK_VERSION = 2;

export const isElf = (start: Buffer): boolean => start.subarray(0, MAGIC.length).equals(MAGIC);

interface Section {
  readonly nameAt: number;
  readonly type: number;
  readonly content: Buffer;
  readonly size: number;
  /** Of the section with its texts. */
  readonly link: number;
}

const textAt = (texts: Buffer, at: number): string =>
  texts.toString('latin1', at, at + LONGEST_TEXT).split('\0', 1)[0] ?? '';

/**
 * Reads texts that are kept. One may be the end of another, but that all together are several times as long as what holds them
 * is no work of a linker: a small file would fill the memory.
 */
function reader(texts: Buffer): (at: number) => string {
  let left = 4 * texts.length + LONGEST_TEXT;
  return (at) => {
    const text = textAt(texts, at);
    left -= text.length;
    if (left < 0) throw new RangeError('its texts overlap');
    // A part of a text would keep all of it in memory.
    return Buffer.from(text, 'latin1').toString('latin1');
  };
}

function sectionsOf(file: Buffer): Section[] {
  const start = Number(file.readBigUInt64LE(40));
  const count = file.readUInt16LE(60);
  return Array.from({ length: count }, (_, index): Section => {
    const header = file.subarray(start + index * HEADER_SIZE, start + (index + 1) * HEADER_SIZE);
    const type = header.readUInt32LE(4);
    const from = Number(header.readBigUInt64LE(24));
    const size = Number(header.readBigUInt64LE(32));
    const content = type === NO_BITS ? Buffer.alloc(0) : file.subarray(from, from + size);
    return { nameAt: header.readUInt32LE(0), type, content, size, link: header.readUInt32LE(40) };
  });
}

function symbolsIn({ content }: Section, texts: Buffer): NeededSymbol[] {
  const found: NeededSymbol[] = [];
  const read = reader(texts);
  for (let at = 0; at + SYMBOL_SIZE <= content.length; at += SYMBOL_SIZE) {
    if (content.readUInt16LE(at + 6) !== 0) continue;
    const name = read(content.readUInt32LE(at));
    if (name !== '') found.push({ name, isWeak: content.readUInt8(at + 4) >> 4 === WEAK });
  }
  return found;
}

function rpathsIn({ content }: Section, texts: Buffer): string[] {
  const found: string[] = [];
  const read = reader(texts);
  for (let at = 0; at + 16 <= content.length; at += 16)
    if (RPATHS.includes(content.readBigInt64LE(at)))
      found.push(...read(Number(content.readBigUInt64LE(at + 8))).split(':'));
  return found.filter((path) => path !== '');
}

function versionsIn({ content }: Section, texts: Buffer): string[] {
  const found: string[] = [];
  const read = reader(texts);
  let room = content.length / VERSION_SIZE;
  for (let at = 0, next = -1, left = MOST_LIBRARIES; next !== 0 && at < content.length; at += next, left--) {
    if (left === 0) return found;
    next = content.readUInt32LE(at + 12);
    let aux = at + content.readUInt32LE(at + 8);
    for (let versions = content.readUInt16LE(at + 2); versions > 0; versions--) {
      if (room-- <= 0) throw new RangeError('its versions overlap');
      if ((content.readUInt16LE(aux + 4) & WEAK_VERSION) === 0)
        found.push(read(content.readUInt32LE(aux + 8)));
      aux += content.readUInt32LE(aux + 12);
    }
  }
  return found;
}

/** @returns undefined if it is no such file of 64 bits, or is damaged */
export function readElf(file: Buffer): Elf | undefined {
  if (!isElf(file) || !file.subarray(4, 6).equals(CLASS)) return undefined;
  try {
    const sections = sectionsOf(file);
    const names = sections[file.readUInt16LE(62)]?.content ?? Buffer.alloc(0);
    // There is one of each.
    const of = <T>(type: number, read: (section: Section, texts: Buffer) => T[]): T[] => {
      const section = sections.find((each) => each.type === type);
      return section === undefined ? [] : read(section, sections[section.link]?.content ?? Buffer.alloc(0));
    };
    const debugging = sections.filter(({ nameAt }) => /^\.z?debug_/.test(textAt(names, nameAt)));
    return {
      needs: of(SYMBOLS, symbolsIn),
      versions: of(VERSIONS_NEEDED, versionsIn),
      rpaths: of(DYNAMIC, rpathsIn),
      isBare: sections.length === 0,
      debugBytes: debugging.reduce((sum, { size }) => sum + size, 0),
    };
  } catch {
    return undefined;
  }
}
