/** Takes secrets out of bytes that pass, however they are cut: no part of one gets out before it is known to be none. */
import { closeSync, openSync, readSync, renameSync, writeSync } from 'node:fs';
import { MASK, type Secrets } from '../../core/secrets.ts';
import type { Stretch } from './plain-line.ts';
import { SecretLines } from './secret-lines.ts';
import { grouped, type SortedTexts, TextFilter } from './text-filter.ts';

const MASK_BYTES = Buffer.from(MASK);
const NOTHING = Buffer.alloc(0);

const NEWLINE = 0x0a;
const PIECE = 64 * 1024;
/** So much that is held back is looked at whenever more has come. */
const SHORT = 1024;

/**
 * Masks what is in a file already, when something turns out to be a secret afterwards.
 *
 * @throws the file system's error
 */
export function maskFile(path: string, secrets: Secrets): void {
  const masked = `${path}.masked`;
  const from = openSync(path, 'r');
  const to = openSync(masked, 'w', 0o600);
  try {
    const mask = new SecretMask(secrets, (bytes) => {
      for (let written = 0; written < bytes.length; ) written += writeSync(to, bytes, written);
    });
    const piece = Buffer.allocUnsafe(PIECE);
    for (let length = readSync(from, piece); length > 0; length = readSync(from, piece))
      mask.push(piece.subarray(0, length));
    mask.end();
  } finally {
    closeSync(from);
    closeSync(to);
  }
  renameSync(masked, path);
}

/** What is looked for, in bytes. */
class Search {
  readonly filter: TextFilter;
  readonly #byFirst: ReadonlyMap<number, SortedTexts>;
  readonly #longest: number;

  constructor(forms: ReadonlySet<string>) {
    const texts = [...forms].map((form) => Buffer.from(form));
    this.filter = new TextFilter(texts);
    this.#longest = Math.max(0, ...texts.map(({ length }) => length));
    this.#byFirst = grouped(texts, ([first = 0]) => first);
  }

  /** Where, at the end of the bytes, something begins that may become a secret; their length when nothing does. */
  openFrom(bytes: Buffer): number {
    for (let at = Math.max(0, bytes.length - this.#longest + 1); at < bytes.length; at += 1)
      if (this.#byFirst.get(bytes[at] ?? 0)?.goOnFrom(bytes, at) === true) return at;
    return bytes.length;
  }
}

const searches = new WeakMap<Secrets, { readonly size: number; readonly search: Search }>();

/** Secrets only grow in number: as many are the same ones. */
function searchFor(secrets: Secrets): Search {
  const { size } = secrets.forms;
  const known = searches.get(secrets);
  if (known?.size === size) return known.search;
  const search = new Search(secrets.forms);
  searches.set(secrets, { size, search });
  return search;
}

const byStart = (a: Stretch, b: Stretch): number => a.start - b.start;

export class SecretMask {
  readonly #secrets: Secrets;
  readonly #put: (bytes: Buffer) => void;
  readonly #lines: SecretLines;
  /** What may be the beginning of a secret. */
  #held: Buffer = NOTHING;
  /** So much of that is of a secret that has been masked already. */
  #covered = 0;
  /** What has come to what is held since then, and was not looked at. */
  #waiting: Buffer[] = [];
  #waitingLength = 0;

  /** @param put is given what may be seen; it must not keep the buffer */
  constructor(secrets: Secrets, put: (bytes: Buffer) => void) {
    this.#secrets = secrets;
    this.#put = put;
    this.#lines = new SecretLines(secrets);
  }

  /** @param bytes may be reused by the caller afterwards */
  push(bytes: Buffer): void {
    if (this.#held.length === 0) this.#mask(bytes, false);
    // A long value that comes byte by byte is looked at whenever it has doubled, and not at each byte.
    else if (this.#waitingLength + bytes.length < this.#held.length - SHORT && !bytes.includes(NEWLINE)) {
      this.#waiting.push(Buffer.from(bytes));
      this.#waitingLength += bytes.length;
    } else this.#mask(this.#all(bytes), false);
  }

  /** Nothing more comes: what was held back is no secret. */
  end(): void {
    if (this.#held.length > 0) this.#mask(this.#all(NOTHING), true);
  }

  #all(bytes: Buffer): Buffer {
    const all = Buffer.concat([this.#held, ...this.#waiting, bytes]);
    this.#waiting = [];
    this.#waitingLength = 0;
    return all;
  }

  #mask(bytes: Buffer, isLast: boolean): void {
    // It may learn what is to be looked for.
    const { stretches, open: openLine, isLost } = this.#lines.look(bytes, isLast);
    const known = this.#known(bytes, isLast);
    const open = Math.min(openLine, known.open);
    const all = stretches.length === 0 ? known.stretches : [...stretches, ...known.stretches].sort(byStart);
    let covered = this.#covered;
    for (const { start, end } of all) {
      if (start >= open) break;
      if (start >= covered) {
        this.#out(bytes.subarray(covered, start));
        this.#out(MASK_BYTES);
      }
      covered = Math.max(covered, end);
    }
    if (covered < open) this.#out(bytes.subarray(covered, open));
    this.#lines.passed(bytes.subarray(0, open), isLost);
    this.#held = open === bytes.length ? NOTHING : Buffer.from(bytes.subarray(open));
    this.#covered = Math.max(0, covered - open);
  }

  /** Where known secrets stand, overlapping ones each by itself. */
  #known(bytes: Buffer, isLast: boolean): { readonly stretches: readonly Stretch[]; readonly open: number } {
    if (this.#secrets.forms.size === 0) return { stretches: [], open: bytes.length };
    const search = searchFor(this.#secrets);
    const stretches: Stretch[] = [];
    if (search.filter.occursIn(bytes))
      for (let place = search.filter.find(bytes, 0); place !== undefined; ) {
        stretches.push(place);
        place = search.filter.find(bytes, place.start + 1);
      }
    return { stretches, open: isLast ? bytes.length : search.openFrom(bytes) };
  }

  #out(bytes: Buffer): void {
    if (bytes.length > 0) this.#put(bytes);
  }
}
