/** Makes shared libraries of which only the tables are there that say what they need. */

export interface ElfParts {
  /** Names that they need, and of which interpreter or library nobody says. */
  readonly needs?: readonly string[];
  readonly weak?: readonly string[];
  /** `GLIBC_2.17`, of libc.so.6. */
  readonly versions?: readonly string[];
  readonly runpath?: string;
  /** How many bytes of `.debug_info` there are. */
  readonly debugBytes?: number;
  /** What else is in them. */
  readonly text?: string;
}

const HEADER = 64;
const SECTIONS = [
  '',
  '.dynstr',
  '.dynsym',
  '.gnu.version_r',
  '.dynamic',
  '.debug_info',
  '.rodata',
  '.shstrtab',
];

/** Texts one after the other, and where each begins. */
class Texts {
  #content = '\0';

  add(text: string): number {
    const at = this.#content.length;
    this.#content += `${text}\0`;
    return at;
  }

  get bytes(): Buffer {
    return Buffer.from(this.#content, 'latin1');
  }
}

function symbol(nameAt: number, binding: number): Buffer {
  const bytes = Buffer.alloc(24);
  bytes.writeUInt32LE(nameAt, 0);
  bytes.writeUInt8(binding << 4, 4);
  return bytes;
}

function versionTable(versions: readonly string[], texts: Texts): Buffer {
  if (versions.length === 0) return Buffer.alloc(0);
  const bytes = Buffer.alloc(16 + versions.length * 16);
  bytes.writeUInt16LE(1, 0);
  bytes.writeUInt16LE(versions.length, 2);
  bytes.writeUInt32LE(texts.add('libc.so.6'), 4);
  bytes.writeUInt32LE(16, 8);
  for (const [index, version] of versions.entries()) {
    bytes.writeUInt32LE(texts.add(version), 16 + index * 16 + 8);
    bytes.writeUInt32LE(index === versions.length - 1 ? 0 : 16, 16 + index * 16 + 12);
  }
  return bytes;
}

function dynamicTable(runpath: string | undefined, texts: Texts): Buffer {
  const bytes = Buffer.alloc(32);
  if (runpath === undefined) return bytes;
  bytes.writeBigUInt64LE(29n, 0);
  bytes.writeBigUInt64LE(BigInt(texts.add(runpath)), 8);
  return bytes;
}

export function elfOf(parts: ElfParts): Buffer {
  const { needs = [], weak = [], versions = [], runpath, debugBytes = 0, text = '' } = parts;
  const texts = new Texts();
  const symbols = [
    symbol(0, 0),
    ...needs.map((name) => symbol(texts.add(name), 1)),
    ...weak.map((name) => symbol(texts.add(name), 2)),
  ];
  const tables = [versionTable(versions, texts), dynamicTable(runpath, texts)] as const;
  const names = new Texts();
  const namesAt = SECTIONS.map((name) => (name === '' ? 0 : names.add(name)));
  const contents: [type: number, content: Buffer][] = [
    [0, Buffer.alloc(0)],
    [3, texts.bytes],
    [11, Buffer.concat(symbols)],
    [0x6ffffffe, tables[0]],
    [6, tables[1]],
    [1, Buffer.alloc(debugBytes)],
    [1, Buffer.from(`${text}\0`)],
    [3, names.bytes],
  ];
  const head = Buffer.alloc(HEADER);
  head.write('\x7fELF\x02\x01\x01', 'latin1');
  let at = HEADER;
  const headers = contents.map(([type, content], index) => {
    const header = Buffer.alloc(HEADER);
    header.writeUInt32LE(namesAt[index] ?? 0, 0);
    header.writeUInt32LE(type, 4);
    header.writeBigUInt64LE(BigInt(at), 24);
    header.writeBigUInt64LE(BigInt(content.length), 32);
    header.writeUInt32LE(1, 40);
    at += content.length;
    return header;
  });
  head.writeBigUInt64LE(BigInt(at), 40);
  head.writeUInt16LE(SECTIONS.length, 60);
  head.writeUInt16LE(SECTIONS.length - 1, 62);
  return Buffer.concat([head, ...contents.map(([, content]) => content), ...headers]);
}
