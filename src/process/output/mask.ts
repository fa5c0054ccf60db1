/** Masks secrets in a stream of bytes, however it is cut: whatever may be part of one is held back until that is clear. */
import { closeSync, openSync, readSync, renameSync, writeSync } from 'node:fs';
import { MASK, type Secrets } from '../../core/secrets.ts';
import { needsTerminal } from './bytes.ts';
import { ANY_SEQUENCE, PlainLine, type Stretch } from './plain-line.ts';
import { SecretLines } from './secret-lines.ts';
import { grouped, type SortedTexts, TextFilter } from './text-filter.ts';

const MASK_BYTES = Buffer.from(MASK);
const NOTHING = Buffer.alloc(0);

const NEWLINE = 0x0a;
const PIECE = 64 * 1024;
/** Up to this many bytes that are held back are searched again whenever more arrives. */
const SHORT = 1024;
/** If as much as this is held back for the sake of escape sequences, what is between them is no secret. */
const MOST_BETWEEN = 64 * 1024;

/**
 * Masks what is already in a file, once something turns out to be a secret.
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

/** The secrets to look for, in bytes. */
class Search {
  readonly #filter: TextFilter;
  readonly #byFirst: ReadonlyMap<number, SortedTexts>;
  readonly #longest: number;

  constructor(forms: ReadonlySet<string>) {
    const texts = [...forms].map((form) => Buffer.from(form));
    this.#filter = new TextFilter(texts);
    this.#longest = Math.max(0, ...texts.map(({ length }) => length));
    this.#byFirst = grouped(texts, ([first = 0]) => first);
  }

  /** Where they are; overlapping ones are listed separately. */
  placesIn(bytes: Buffer): Stretch[] {
    const places: Stretch[] = [];
    if (this.#filter.occursIn(bytes))
      for (let place = this.#filter.find(bytes, 0); place !== undefined; ) {
        places.push(place);
        place = this.#filter.find(bytes, place.start + 1);
      }
    return places;
  }

  /** Where something that may become a secret begins at the end of the bytes; their length if nothing does. */
  openFrom(bytes: Buffer): number {
    for (let at = Math.max(0, bytes.length - this.#longest + 1); at < bytes.length; at += 1)
      if (this.#byFirst.get(bytes[at] ?? 0)?.goOnFrom(bytes, at) === true) return at;
    return bytes.length;
  }
}

const searches = new WeakMap<Secrets, { readonly size: number; readonly search: Search }>();

/** Secrets are only ever added, so the same number of them means the same ones. */
function searchFor(secrets: Secrets): Search {
  const { size } = secrets.forms;
  const known = searches.get(secrets);
  if (known?.size === size) return known.search;
  const search = new Search(secrets.forms);
  searches.set(secrets, { size, search });
  return search;
}

const byStart = (a: Stretch, b: Stretch): number => a.start - b.start;

/** Where a place of the text is in the bytes, `end` that of its end. */
const startIn = (plain: PlainLine, at: number, end: number): number =>
  at >= plain.text.length ? end : (plain.bytesOf({ start: at, end: at + 1 })[0]?.start ?? end);

/** The sequences between the pieces of a secret stay, unless the bytes are cut there: then all of it is one piece. */
function piecesOf(pieces: readonly Stretch[], cut: number): readonly Stretch[] {
  const [first, last] = [pieces[0], pieces.at(-1)];
  if (first === undefined || last === undefined || last.end <= cut) return pieces;
  return [{ start: first.start, end: last.end }];
}

export class SecretMask {
  readonly #secrets: Secrets;
  readonly #put: (bytes: Buffer) => void;
  readonly #lines: SecretLines;
  /** What may be the beginning of a secret. */
  #held: Buffer = NOTHING;
  /** How much of that belongs to a secret that has already been masked. */
  #covered = 0;
  /** What has arrived since, and has not been searched yet. */
  #waiting: Buffer[] = [];
  #waitingLength = 0;

  /** @param put receives what may be seen; it must not keep the buffer */
  constructor(secrets: Secrets, put: (bytes: Buffer) => void) {
    this.#secrets = secrets;
    this.#put = put;
    this.#lines = new SecretLines(secrets);
  }

  /** @param bytes may be reused by the caller afterwards */
  push(bytes: Buffer): void {
    if (this.#held.length === 0) this.#mask(bytes, false);
    // A long value that arrives byte by byte is searched whenever it has doubled, not at each byte.
    else if (this.#waitingLength + bytes.length < this.#held.length - SHORT && !bytes.includes(NEWLINE)) {
      this.#waiting.push(Buffer.from(bytes));
      this.#waitingLength += bytes.length;
    } else this.#mask(this.#all(bytes), false);
  }

  /** Nothing more comes: what was held back is not a secret. */
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
    // First, since it may learn new secrets to look for.
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

  /** The places of known secrets, also of those with escape sequences within, which no terminal would show. */
  #known(bytes: Buffer, isLast: boolean): { readonly stretches: readonly Stretch[]; readonly open: number } {
    if (this.#secrets.forms.size === 0) return { stretches: [], open: bytes.length };
    const search = searchFor(this.#secrets);
    const open = isLast ? bytes.length : search.openFrom(bytes);
    const stretches = search.placesIn(bytes);
    if (!needsTerminal(bytes)) return { stretches, open };
    const plain = new PlainLine(bytes, ANY_SEQUENCE);
    const text = Buffer.from(plain.text, 'latin1');
    const shownOpen = isLast ? bytes.length : startIn(plain, search.openFrom(text), bytes.length);
    const allOpen = bytes.length - shownOpen > MOST_BETWEEN ? open : Math.min(open, shownOpen);
    for (const place of search.placesIn(text)) stretches.push(...piecesOf(plain.bytesOf(place), allOpen));
    return { stretches: stretches.sort(byStart), open: allOpen };
  }

  #out(bytes: Buffer): void {
    if (bytes.length > 0) this.#put(bytes);
  }
}
