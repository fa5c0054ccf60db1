/**
 * Finds, in a stream of bytes, what stands where secrets stand (`core/secret-places.ts`), known or not. The rules need
 * text, so they are tried only on lines that contain one of their texts. A block is first searched natively for the
 * signs between a name and a value; most output has none, and costs no more than that.
 */
import type { Stretch } from '../../core/gaps.ts';
import { HEADER_NEEDLES, secretPlaces, TELLING_NEEDLES } from '../../core/secret-places.ts';
import type { Secrets } from '../../core/secrets.ts';
import { PlainLine } from './plain-line.ts';
import { type TextFilter, textFilter } from './text-filter.ts';

export interface Look {
  /** One with a negative start continues what was masked before. */
  readonly stretches: readonly Stretch[];
  /** From here on it is not known yet what is a secret. */
  readonly open: number;
  /** What follows in the last line is secret. */
  readonly isLost: boolean;
}

const NOTHING = Buffer.alloc(0);
const NEWLINE = 0x0a;
const AT = 0x40;
const SLASH = 0x2f;
const COLON = 0x3a;
const EQUALS = 0x3d;
const DOUBLE_QUOTE = 0x22;
const SINGLE_QUOTE = 0x27;
/** How many bytes before a value may be needed to recognise it: a name and its sign. */
const CONTEXT = 1024;
/** How much of a value is held back. A longer one is taken for a secret, with the rest of its line. */
const LONGEST_HELD = 64 * 1024;

/** What ends the part of a URL that may contain a password: blanks, and / ? # " ' */
const AUTHORITY_ENDS = new Set(Buffer.from('\t\n\v\f\r /?#"\''));

/** Yields each place of a text, in order. */
function* occurrences(bytes: Buffer, text: string | number): Generator<number> {
  for (let at = bytes.indexOf(text); at !== -1; at = bytes.indexOf(text, at + 1)) yield at;
}

/** Yields each @ that ends the user information of a URL. Bytes between one @ and the next are looked at once. */
function* urlEnds(bytes: Buffer): Generator<number> {
  let from = 0;
  for (const at of occurrences(bytes, AT)) {
    let start = at - 1;
    while (start >= from && !AUTHORITY_ENDS.has(bytes[start] ?? 0)) start -= 1;
    if (start >= 2 && bytes[start] === SLASH && bytes[start - 1] === SLASH && bytes[start - 2] === COLON)
      yield at;
    from = at + 1;
  }
}

/** One search per text: a common one would not find them in order. */
const headers = (bytes: Buffer): Iterable<number>[] => HEADER_NEEDLES.map((text) => occurrences(bytes, text));

const filters = new WeakMap<Secrets, { readonly size: number; readonly filter: TextFilter }>();

function nameFilter(secrets: Secrets): TextFilter {
  const { size } = secrets.names;
  const known = filters.get(secrets);
  if (known?.size === size) return known.filter;
  // Nobody gives a secret a name of one letter.
  const more = [...secrets.names].filter(({ length }) => length > 1);
  const filter = textFilter([...TELLING_NEEDLES, ...more]);
  filters.set(secrets, { size, filter });
  return filter;
}

function* names(bytes: Buffer, secrets: Secrets): Generator<number> {
  const filter = nameFilter(secrets);
  if (!filter.occursIn(bytes)) return;
  for (let place = filter.find(bytes, 0); place !== undefined; place = filter.find(bytes, place.end))
    yield place.start;
}

const hasEither = (bytes: Buffer, quote: number, signs: readonly string[]): boolean =>
  bytes.includes(quote) && signs.some((sign) => bytes.includes(sign));

/** Whether a quoted name is, or may be, followed by a colon: there may be a colour between the two. */
const hasQuotedName = (bytes: Buffer): boolean =>
  hasEither(bytes, DOUBLE_QUOTE, ['":', '" :', '"\u001b']) ||
  hasEither(bytes, SINGLE_QUOTE, ["':", "' :", "'\u001b"]);

/** The searches for what a rule may apply to, as far as the signs in these bytes call for them; each finds in order. */
function searches(bytes: Buffer, secrets: Secrets): Iterable<number>[] {
  const hasColon = bytes.includes(COLON);
  const hasEquals = bytes.includes(EQUALS);
  const mayAssign = hasEquals || (hasColon && hasQuotedName(bytes)) || bytes.includes('--');
  return [
    ...(hasColon ? [urlEnds(bytes)] : []),
    // A search for names finds those of headers too.
    ...(mayAssign ? [names(bytes, secrets)] : hasColon ? headers(bytes) : []),
  ];
}

/** The lines that a rule may apply to, without their ends. */
function candidates(bytes: Buffer, secrets: Secrets): Stretch[] {
  const found = new Map<number, number>();
  for (const hits of searches(bytes, secrets)) {
    let covered = 0;
    for (const at of hits) {
      if (at < covered) continue;
      const start = bytes.lastIndexOf(NEWLINE, at) + 1;
      const next = bytes.indexOf(NEWLINE, at);
      covered = next === -1 ? bytes.length : next;
      found.set(start, covered);
    }
  }
  return Array.from(found, ([start, end]) => ({ start, end }));
}

export class SecretLines {
  readonly #secrets: Secrets;
  /** The end of the part of the current line that has been passed on. */
  #context: Buffer = NOTHING;
  /** The rest of that line is secret. */
  #isLost = false;

  constructor(secrets: Secrets) {
    this.#secrets = secrets;
  }

  /**
   * @param bytes everything after what `passed` was last told about
   * @param isLast nothing more comes
   */
  look(bytes: Buffer, isLast: boolean): Look {
    const firstEnd = bytes.indexOf(NEWLINE);
    if (this.#isLost && firstEnd === -1)
      return { stretches: [{ start: -1, end: bytes.length }], open: bytes.length, isLost: true };
    const stretches: Stretch[] = this.#isLost ? [{ start: -1, end: firstEnd }] : [];
    let from = this.#isLost ? firstEnd : 0;
    if (from === 0 && firstEnd !== -1 && this.#context.length > 0) {
      stretches.push(...this.#goOn(bytes.subarray(0, firstEnd), false).stretches);
      from = firstEnd;
    }
    const lastStart = bytes.lastIndexOf(NEWLINE) + 1;
    const last = bytes.subarray(lastStart);
    let ending: Look | undefined;
    if (lastStart === 0) ending = this.#goOn(last, !isLast);
    else
      for (const line of candidates(bytes.subarray(from), this.#secrets)) {
        const [start, end] = [from + line.start, from + line.end];
        if (start < lastStart) stretches.push(...this.#places(bytes.subarray(start, end), start));
        else ending = this.#unfinished(last, 0, !isLast);
      }
    if (ending === undefined && !isLast && last.includes('://')) ending = this.#unfinished(last, 0, true);
    if (ending === undefined) return { stretches, open: bytes.length, isLost: false };
    for (const { start, end } of ending.stretches)
      stretches.push({ start: start + lastStart, end: end + lastStart });
    return { stretches, open: ending.open + lastStart, isLost: ending.isLost };
  }

  /** The rest of a line whose first part has already been passed on; or the beginning of a line. */
  #goOn(rest: Buffer, isOpen: boolean): Look {
    const passed = this.#context.length;
    const line = passed === 0 ? rest : Buffer.concat([this.#context, rest]);
    const mayHold = (isOpen && line.includes('://')) || candidates(line, this.#secrets).length > 0;
    return mayHold
      ? this.#unfinished(line, passed, isOpen)
      : { stretches: [], open: rest.length, isLost: false };
  }

  /** @param passed how many bytes of the line have already been passed on */
  #unfinished(line: Buffer, passed: number, isOpen: boolean): Look {
    const plain = new PlainLine(line);
    const stretches: Stretch[] = [];
    let open = line.length;
    let isLost = false;
    for (const place of secretPlaces(plain.text, this.#secrets.isSecret, isOpen)) {
      const bytes = plain.bytesOf(place).filter(({ end }) => end > passed);
      const [first] = bytes;
      if (first === undefined) continue;
      const start = Math.max(first.start, passed);
      const isTooLong = line.length - start > LONGEST_HELD;
      if (place.isOpen && !isTooLong) open = Math.min(open, start);
      // Anything so long without an @ is not a URL.
      else if (!place.isOpen || !plain.text.startsWith('://', place.start - 3)) {
        for (const each of bytes)
          stretches.push({ start: Math.max(each.start, passed) - passed, end: each.end - passed });
        isLost ||= place.isOpen;
        if (!place.isOpen) this.#learn(plain, place);
      }
    }
    return { stretches, open: open - passed, isLost };
  }

  #places(line: Buffer, offset: number): Stretch[] {
    const plain = new PlainLine(line);
    return Array.from(secretPlaces(plain.text, this.#secrets.isSecret), (place) => {
      this.#learn(plain, place);
      return plain.bytesOf(place);
    })
      .flat()
      .map(({ start, end }) => ({ start: start + offset, end: end + offset }));
  }

  #learn({ text }: PlainLine, { start, end }: Stretch): void {
    if (this.#secrets.learnsPrinted)
      this.#secrets.learnPrinted(Buffer.from(text.slice(start, end), 'latin1').toString());
  }

  /**
   * Notes which of the searched bytes have been passed on: all that are not held back.
   *
   * @param isLost as returned by `look`
   */
  passed(bytes: Buffer, isLost: boolean): void {
    this.#isLost = isLost;
    const end = bytes.lastIndexOf(NEWLINE) + 1;
    const line = bytes.subarray(Math.max(end, bytes.length - CONTEXT));
    const before =
      end === 0 && line.length < CONTEXT ? this.#context.subarray(line.length - CONTEXT) : NOTHING;
    this.#context = Buffer.concat([before, line]);
  }
}
