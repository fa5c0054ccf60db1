/** Masks secrets in a stream of bytes, however it is cut: whatever may be part of one is held back until that is clear. */
import { closeSync, openSync, readSync, renameSync, writeSync } from 'node:fs';
import type { Stretch } from '../../core/gaps.ts';
import { MASK, type Secrets } from '../../core/secrets.ts';
import { SecretLines } from './secret-lines.ts';
import { SecretSearch } from './secret-search.ts';
import { unseenIn } from './unseen-bytes.ts';

const MASK_BYTES = Buffer.from(MASK);
const NOTHING = Buffer.alloc(0);

const NEWLINE = 0x0a;
const PIECE = 64 * 1024;
/** Up to this many bytes that are held back are searched again whenever more arrives. */
const SHORT = 1024;
/** So few bytes are copied one by one. */
const FEW = 32;
/** If as much as this is held back for the sake of what nobody sees, what is between is no secret. */
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

const searches = new WeakMap<Secrets, { readonly size: number; readonly search: SecretSearch }>();

/** Secrets are only ever added, so the same number of them means the same ones. */
function searchFor(secrets: Secrets): SecretSearch {
  const { size } = secrets.forms;
  const known = searches.get(secrets);
  if (known?.size === size) return known.search;
  const search = new SecretSearch(secrets.forms);
  searches.set(secrets, { size, search });
  return search;
}

const byStart = (a: Stretch, b: Stretch): number => a.start - b.start;

/** What is between the pieces of a secret stays, unless the bytes are cut there: then all of it is one piece. */
function piecesOf(pieces: readonly Stretch[], cut: number): readonly Stretch[] {
  const [first, last] = [pieces[0], pieces.at(-1)];
  if (first === undefined || last === undefined || last.end <= cut) return pieces;
  return [{ start: first.start, end: last.end }];
}

/** Copies part of the bytes, which is often too short to be worth a call. */
function appendTo(target: Buffer, length: number, bytes: Buffer, start: number, end: number): number {
  if (end - start > FEW) return length + bytes.copy(target, length, start, end);
  for (let at = start; at < end; at += 1) target[length + at - start] = bytes[at] as number;
  return length + end - start;
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
    const covered = this.#show(bytes, all, open);
    this.#lines.passed(bytes.subarray(0, open), isLost);
    this.#held = open === bytes.length ? NOTHING : Buffer.from(bytes.subarray(open));
    this.#covered = Math.max(0, covered - open);
  }

  /**
   * Passes on what comes before `open`, at once: each call may write to a file.
   *
   * @returns where the last mask ends
   */
  #show(bytes: Buffer, stretches: readonly Stretch[], open: number): number {
    let covered = this.#covered;
    if (stretches.length === 0) {
      if (covered < open) this.#put(bytes.subarray(covered, open));
      return covered;
    }
    const shown = Buffer.allocUnsafe(bytes.length + MASK_BYTES.length * stretches.length);
    let length = 0;
    for (const { start, end } of stretches) {
      if (start >= open) break;
      if (start >= covered) {
        length = appendTo(shown, length, bytes, covered, start);
        length = appendTo(shown, length, MASK_BYTES, 0, MASK_BYTES.length);
      }
      covered = Math.max(covered, end);
    }
    if (covered < open) length = appendTo(shown, length, bytes, covered, open);
    if (length > 0) this.#put(shown.subarray(0, length));
    return covered;
  }

  /** The places of known secrets, also of those with something within that nobody sees. */
  #known(bytes: Buffer, isLast: boolean): { readonly stretches: readonly Stretch[]; readonly open: number } {
    if (this.#secrets.forms.size === 0) return { stretches: [], open: bytes.length };
    const search = searchFor(this.#secrets);
    const open = isLast ? bytes.length : search.openFrom(bytes);
    const stretches = search.placesIn(bytes);
    const { gaps, open: openSequence } = unseenIn(bytes, search.areOfLines);
    if (gaps.count === 0) return { stretches, open };
    const seenOpen = isLast ? bytes.length : Math.min(openSequence, search.openAround(gaps, bytes));
    const allOpen = bytes.length - seenOpen > MOST_BETWEEN ? open : Math.min(open, seenOpen);
    for (const pieces of search.placesAround(gaps, bytes)) stretches.push(...piecesOf(pieces, allOpen));
    return { stretches: stretches.sort(byStart), open: allOpen };
  }
}
