/** HPACK (RFC 7541): encodes without the dynamic table, so that a head can be reused; decodes everything. */
import { END_LENGTH, HUFFMAN_LENGTHS, STATIC_TABLE } from './hpack-tables.ts';

export type Field = readonly [name: string, value: string];

/** Malformed HPACK. After it, later heads on the connection cannot be decoded. */
export class HpackError extends Error {}

/** The default size of the dynamic table, in bytes. */
const TABLE_SIZE = 4096;
/** Overhead of a table entry, in bytes. */
const ENTRY_OVERHEAD = 32;
/** Limit of a decoded head, in bytes including overhead, since a few bytes can expand to many. */
export const LARGEST_HEAD = 256 * 1024;

const sizeOf = ([name, value]: Field): number => name.length + value.length + ENTRY_OVERHEAD;

const STATIC_FIELDS = new Map(STATIC_TABLE.map(([name, value], index) => [`${name}\0${value}`, index + 1]));
const STATIC_NAMES = new Map(
  STATIC_TABLE.map(([name], index) => [name, index + 1]).reverse() as [string, number][],
);

/** Writes an integer with a prefix of `bits` bits in the first byte (section 5.1). */
function writeInteger(bytes: number[], first: number, bits: number, value: number): void {
  const most = 2 ** bits - 1;
  if (value < most) {
    bytes.push(first | value);
    return;
  }
  bytes.push(first | most);
  let rest = value - most;
  while (rest >= 128) {
    bytes.push((rest % 128) | 128);
    rest = Math.floor(rest / 128);
  }
  bytes.push(rest);
}

function writeString(bytes: number[], text: string): void {
  writeInteger(bytes, 0, 7, text.length);
  for (const byte of Buffer.from(text, 'latin1')) bytes.push(byte);
}

/**
 * @param fields names in lower case; each character is a byte
 * @returns a head that is valid on every connection
 */
export function encodeHead(fields: readonly Field[]): Buffer {
  const bytes: number[] = [];
  for (const [name, value] of fields) {
    const whole = STATIC_FIELDS.get(`${name}\0${value}`);
    if (whole !== undefined) {
      writeInteger(bytes, 0x80, 7, whole);
      continue;
    }
    const index = STATIC_NAMES.get(name) ?? 0;
    writeInteger(bytes, 0, 4, index);
    if (index === 0) writeString(bytes, name);
    writeString(bytes, value);
  }
  return Buffer.from(bytes);
}

/** A tree in an array, with two slots per node, for 0 and 1. Positive: the next node; negative: a byte, minus one. */
const HUFFMAN_TREE = (() => {
  const tree = [0, 0];
  const lengths = [...HUFFMAN_LENGTHS, END_LENGTH];
  const order = lengths
    .map((_, symbol) => symbol)
    .sort((a, b) => (lengths[a] ?? 0) - (lengths[b] ?? 0) || a - b);
  let code = 0;
  let length = 0;
  for (const symbol of order) {
    const bits = lengths[symbol] as number;
    code *= 2 ** (bits - length);
    length = bits;
    let node = 0;
    for (let bit = bits - 1; bit > 0; bit -= 1) {
      const place = node + (Math.floor(code / 2 ** bit) % 2);
      if (tree[place] === 0) {
        tree[place] = tree.length;
        tree.push(0, 0);
      }
      node = tree[place] as number;
    }
    tree[node + (code % 2)] = -symbol - 1;
    code += 1;
  }
  return Int16Array.from(tree);
})();

const LONGEST_PADDING = 7;

function decodeHuffman(bytes: Buffer): string {
  const decoded: number[] = [];
  let node = 0;
  let bits = 0;
  let isAllOnes = true;
  for (const byte of bytes) {
    for (let shift = 7; shift >= 0; shift -= 1) {
      const bit = (byte >> shift) & 1;
      const next = HUFFMAN_TREE[node + bit] as number;
      bits += 1;
      isAllOnes &&= bit === 1;
      if (next > 0) {
        node = next;
        continue;
      }
      if (next === -257) throw new HpackError('a string with its end within');
      decoded.push(-next - 1);
      node = 0;
      bits = 0;
      isAllOnes = true;
    }
  }
  if (bits > LONGEST_PADDING || !isAllOnes) throw new HpackError('a string that does not end at a byte');
  return Buffer.from(decoded).toString('latin1');
}

/** Decodes the heads of one connection, each of which may refer to earlier ones. */
export class HeadDecoder {
  /** Newest first. */
  readonly #table: Field[] = [];
  #size = 0;
  #most = TABLE_SIZE;
  #bytes: Buffer = Buffer.alloc(0);
  #at = 0;

  /** @throws HpackError */
  decode(block: Buffer): Field[] {
    this.#bytes = block;
    this.#at = 0;
    const fields: Field[] = [];
    let size = 0;
    while (this.#at < block.length) {
      const field = this.#next(fields.length === 0);
      if (field === undefined) continue;
      size += sizeOf(field);
      if (size > LARGEST_HEAD) throw new HpackError(`a head of more than ${LARGEST_HEAD} bytes`);
      fields.push(field);
    }
    return fields;
  }

  #next(isFirst: boolean): Field | undefined {
    const first = this.#bytes[this.#at] as number;
    if (first >= 0x80) return this.#entry(this.#integer(7));
    if (first >= 0x40) return this.#add(this.#literal(6));
    if (first < 0x20) return this.#literal(4);
    const most = this.#integer(5);
    if (!isFirst || most > TABLE_SIZE) throw new HpackError('a table of another size than was agreed');
    this.#most = most;
    this.#evict();
    return undefined;
  }

  #entry(index: number): Field {
    const entry = STATIC_TABLE[index - 1] ?? this.#table[index - 1 - STATIC_TABLE.length];
    if (index === 0 || entry === undefined) throw new HpackError('a field that is in no table');
    return entry;
  }

  #literal(bits: number): Field {
    const index = this.#integer(bits);
    const name = index === 0 ? this.#string() : this.#entry(index)[0];
    return [name, this.#string()];
  }

  #add(field: Field): Field {
    this.#table.unshift(field);
    this.#size += sizeOf(field);
    this.#evict();
    return field;
  }

  #evict(): void {
    while (this.#size > this.#most) {
      const oldest = this.#table.pop();
      if (oldest === undefined) return;
      this.#size -= sizeOf(oldest);
    }
  }

  #byte(): number {
    const byte = this.#bytes[this.#at];
    if (byte === undefined) throw new HpackError('a head that ends within a field');
    this.#at += 1;
    return byte;
  }

  #integer(bits: number): number {
    const most = 2 ** bits - 1;
    let value = this.#byte() & most;
    if (value < most) return value;
    for (let factor = 1; ; factor *= 128) {
      const byte = this.#byte();
      value += (byte & 127) * factor;
      if (value > LARGEST_HEAD) throw new HpackError('a number that is too large');
      if (byte < 128) return value;
      if (factor > LARGEST_HEAD) throw new HpackError('a number with too many bytes');
    }
  }

  #string(): string {
    const isHuffman = ((this.#bytes[this.#at] ?? 0) & 0x80) !== 0;
    const length = this.#integer(7);
    const end = this.#at + length;
    if (end > this.#bytes.length) throw new HpackError('a head that ends within a field');
    const bytes = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return isHuffman ? decodeHuffman(bytes) : bytes.toString('latin1');
  }
}
