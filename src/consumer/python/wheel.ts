/** Holds a wheel against its own `RECORD` and its name. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { type Metadata, normalName, readMetadata, readRecord } from './metadata.ts';
import { describedBy, isStubOnly } from './stubs.ts';
import { readZip, type ZipEntry } from './zip.ts';

export interface Wheel {
  /** The name of its file. */
  readonly file: string;
  /** As in its file name. */
  readonly name: string;
  readonly version: string;
  /** `cp311-cp311-manylinux_2_17_x86_64` */
  readonly tag: string;
  readonly metadata: Metadata;
  readonly files: readonly string[];
  /** If it has nothing but stubs: what pip calls the distribution that they describe; else null. */
  readonly describes: string | null;
  /** What does not agree in it, each in one line. */
  readonly mismatches: readonly string[];
}

const NAME = /^([^-]+)-([^-]+)(?:-\d[^-]*)?-([^-]+-[^-]+-[^-]+)\.whl$/;
/** Files that `RECORD` need not list, or lists without a hash. */
const UNHASHED = /\.dist-info\/(?:RECORD|RECORD\.jws|RECORD\.p7s)$/;
/** Larger files are not hashed. */
const LARGEST = 512 * 1024 * 1024;
/** No metadata is larger. */
const LONGEST_TEXT = 64 * 1024 * 1024;
const isOfMetadata = ({ name }: ZipEntry): boolean => /^[^/]+\.dist-info\/[^/]+$/.test(name);

function hashMismatch(entry: ZipEntry, hash: string): string[] {
  const [algorithm = '', expected = ''] = hash.split('=');
  if (expected === '') return [`RECORD has no hash of ${entry.name}`];
  if (!/^sha(?:256|384|512)$/.test(algorithm) || entry.size > LARGEST) return [];
  const content = entry.read();
  if (content === undefined) return [`${entry.name} is damaged`];
  const actual = createHash(algorithm).update(content).digest('base64url');
  return actual === expected ? [] : [`RECORD has another hash of ${entry.name}`];
}

function recordMismatches(entries: readonly ZipEntry[], record: string): string[] {
  const recorded = new Map(readRecord(record).map(({ path, hash }) => [path, hash]));
  const names = new Set(entries.map(({ name }) => name));
  const listed = entries.filter(({ name }) => !UNHASHED.test(name));
  return [
    ...[...recorded.keys()]
      .filter((path) => !names.has(path))
      .map((path) => `RECORD lists ${path}, which is not in the wheel`),
    ...listed.flatMap((entry) => {
      const hash = recorded.get(entry.name);
      return hash === undefined ? [`RECORD does not list ${entry.name}`] : hashMismatch(entry, hash);
    }),
  ];
}

/** Versions as they are compared here: a file name has `_` for `-` and `+`. */
const sameVersion = (a: string, b: string): boolean =>
  a.toLowerCase().replace(/[-_+]/g, '.') === b.toLowerCase().replace(/[-_+]/g, '.');

/**
 * @param path absolute path of a wheel
 * @returns what is in it; undefined if it is no wheel
 */
export function readWheel(path: string): Wheel | undefined {
  const [, name, version, tag] = NAME.exec(basename(path)) ?? [];
  const entries = readZip(readFileSync(path));
  if (name === undefined || version === undefined || tag === undefined || entries === undefined)
    return undefined;
  if (entries.some((entry) => isOfMetadata(entry) && entry.size > LONGEST_TEXT)) return undefined;
  const textOf = (file: string): string =>
    entries
      .find((entry) => isOfMetadata(entry) && entry.name.endsWith(`/${file}`))
      ?.read()
      ?.toString('utf8') ?? '';
  const text = textOf('METADATA');
  const metadata = readMetadata(text);
  const files = entries.map((entry) => entry.name);
  const wrongName = normalName(metadata.name) !== normalName(name);
  const wrongVersion = !sameVersion(metadata.version, version);
  return {
    ...{ file: basename(path), name, version, tag, metadata },
    files,
    describes: isStubOnly(files) ? describedBy(metadata.name, text) : null,
    mismatches: [
      ...(wrongName ? [`METADATA names it ${metadata.name}, and its file ${name}`] : []),
      ...(wrongVersion ? [`METADATA says version ${metadata.version}, and its file ${version}`] : []),
      ...recordMismatches(entries, textOf('RECORD')),
    ],
  };
}
