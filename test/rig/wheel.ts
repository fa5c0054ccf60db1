/** Makes wheels for Python, without any tool of Python. */
import { createHash } from 'node:crypto';

type Files = Readonly<Record<string, string | Buffer>>;

const TABLE = Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value >>> 0;
});

function checksum(content: Buffer): number {
  let value = 0xffffffff;
  for (const byte of content) value = (TABLE[(value ^ byte) & 0xff] ?? 0) ^ (value >>> 8);
  return (value ^ 0xffffffff) >>> 0;
}

const numbers = (...parts: readonly (readonly [bytes: 2 | 4, value: number])[]): Buffer =>
  Buffer.concat(
    parts.map(([bytes, value]) => {
      const buffer = Buffer.alloc(bytes);
      buffer.writeUIntLE(value, 0, bytes);
      return buffer;
    }),
  );

/** A ZIP file in which nothing is packed. */
export function zipOf(files: Files): Buffer {
  const entries: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const [path, text] of Object.entries(files)) {
    const [name, content] = [Buffer.from(path), typeof text === 'string' ? Buffer.from(text) : text];
    const common = numbers(
      ...([
        [2, 20],
        [2, 0],
        [2, 0],
        [2, 0],
        [2, 0x21],
        [4, checksum(content)],
      ] as const),
      ...([
        [4, content.length],
        [4, content.length],
        [2, name.length],
        [2, 0],
      ] as const),
    );
    const entry = Buffer.concat([numbers([4, 0x04034b50]), common, name, content]);
    const rest = numbers([2, 0], [2, 0], [2, 0], [4, 0o100644 * 65536], [4, at]);
    directory.push(numbers([4, 0x02014b50], [2, 20]), common, rest, name);
    entries.push(entry);
    at += entry.length;
  }
  const index = Buffer.concat(directory);
  const count = Object.keys(files).length;
  const end = numbers(
    [4, 0x06054b50],
    [2, 0],
    [2, 0],
    [2, count],
    [2, count],
    [4, index.length],
    [4, at],
    [2, 0],
  );
  return Buffer.concat([...entries, index, end]);
}

const recordLine = (path: string, text: string | Buffer): string =>
  `${path},sha256=${createHash('sha256').update(text).digest('base64url')},${Buffer.byteLength(text)}\n`;

/** What a wheel is made of, beside its files. */
export interface WheelParts {
  readonly name: string;
  readonly version?: string;
  /** Of its name, and in it: `py3-none-any` unless given. */
  readonly tag?: string;
  /** Further headers of `METADATA`. */
  readonly headers?: readonly string[];
  /** `entry_points.txt` */
  readonly entryPoints?: string;
  /** What becomes of `RECORD`. */
  readonly record?: (text: string) => string;
}

/** @returns its file name, and its content */
export function wheelOf(parts: WheelParts, files: Files): { readonly name: string; readonly bytes: Buffer } {
  const { name, version = '1.0', tag = 'py3-none-any', headers = [], entryPoints } = parts;
  const { record = (text: string) => text } = parts;
  const info = `${name}-${version}.dist-info`;
  const all: Files = {
    ...files,
    [`${info}/METADATA`]: [
      'Metadata-Version: 2.1',
      `Name: ${name}`,
      `Version: ${version}`,
      ...headers,
      '',
    ].join('\n'),
    [`${info}/WHEEL`]: `Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: ${tag.endsWith('-any')}\nTag: ${tag}\n`,
    ...(entryPoints === undefined ? {} : { [`${info}/entry_points.txt`]: entryPoints }),
  };
  const lines = Object.entries(all).map(([path, text]) => recordLine(path, text));
  const text = record(`${lines.join('')}${info}/RECORD,,\n`);
  return { name: `${name}-${version}-${tag}.whl`, bytes: zipOf({ ...all, [`${info}/RECORD`]: text }) };
}
