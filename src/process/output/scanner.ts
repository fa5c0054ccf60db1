/**
 * Scans output as it passes for its last line, its tail, and the lines that match a pattern. It takes blocks of whole
 * lines. Most contain none of the texts that any pattern needs, as one pass over the bytes shows: so a gigabyte costs
 * a second and no memory.
 */

import { secrets } from '../../core/secrets.ts';
import { endOf } from '../../core/shorten.ts';
import { BoundedPattern, type LinePattern } from '../../text/bounded-pattern.ts';
import { shownText } from '../../text/terminal-text.ts';
import { countLineEnds, needsTerminal } from './bytes.ts';
import { MarkedPart } from './marked-part.ts';
import { type TextFilter, textFilter } from './text-filter.ts';
import { uncutLine, visibleLine } from './visible-line.ts';
import { EXCERPT_LINES, type Line, type Sighting, type Watch, WatchMatches } from './watch.ts';

const NEWLINE = 0x0a;
/** A line longer than this is cut into several: a program that never ends its line must not fill the memory. */
const LONGEST_LINE = 64 * 1024;
const TAIL_BYTES = 16 * 1024;
/** Where a block starts in the middle of a line, its first part up to this length may be the rest of a secret value. */
const REST_OF_VALUE = 4096;

export class OutputScanner {
  readonly #matches: readonly WatchMatches[];
  readonly #allow: readonly LinePattern[];
  /** A block that is worth a closer look contains one of these; undefined when every block is. */
  readonly #requiredText: readonly string[] | undefined;
  #filter: TextFilter | undefined;
  readonly #carry = Buffer.allocUnsafe(LONGEST_LINE);
  #carried = 0;
  readonly #tail = Buffer.allocUnsafe(TAIL_BYTES);
  #tailed = 0;
  #lines = 0;
  /** The next block continues a line that was too long. */
  #goesOn = false;
  #elsewhere: ((chunk: Buffer) => void) | undefined;

  /**
   * @param watches what to look for
   * @param allow lines that match one of these count for no watch
   */
  #marked: MarkedPart | undefined;

  constructor(watches: readonly Watch[], allow: readonly LinePattern[] = []) {
    this.#matches = watches.map((watch) => new WatchMatches(watch, allow));
    this.#allow = allow;
    const requiredText = watches.map((watch) => watch.requiredText);
    this.#requiredText = requiredText.includes(undefined)
      ? undefined
      : requiredText.flatMap((some) => some ?? []);
  }

  /** How many lines were seen so far, including a last one without its newline. */
  get lines(): number {
    return this.#lines + (this.#carried > 0 ? 1 : 0);
  }

  /**
   * Takes the next bytes. Characters and lines that were cut are joined again; invalid UTF-8 becomes U+FFFD.
   *
   * @param chunk may be reused by the caller afterwards
   */
  push(chunk: Buffer): void {
    if (this.#elsewhere !== undefined) {
      this.#elsewhere(chunk);
      return;
    }
    // Piece by piece, so that it makes no difference how many chunks a long line came in.
    for (let at = 0; at < chunk.length; at += LONGEST_LINE) this.#take(chunk.subarray(at, at + LONGEST_LINE));
  }

  #take(chunk: Buffer): void {
    let rest = chunk;
    if (this.#carried > 0) {
      const end = rest.indexOf(NEWLINE);
      const wanted = end === -1 ? rest.length : end + 1;
      const taken = Math.min(wanted, LONGEST_LINE - this.#carried);
      rest.copy(this.#carry, this.#carried, 0, taken);
      this.#carried += taken;
      rest = rest.subarray(taken);
      if (taken === wanted && end === -1) return;
      this.#flushCarry();
      if (taken < wanted) {
        this.#take(rest);
        return;
      }
    }
    const last = rest.lastIndexOf(NEWLINE);
    if (last !== -1) {
      this.#block(rest.subarray(0, last + 1));
      rest = rest.subarray(last + 1);
    }
    while (rest.length >= LONGEST_LINE) {
      this.#block(rest.subarray(0, LONGEST_LINE));
      rest = rest.subarray(LONGEST_LINE);
    }
    rest.copy(this.#carry);
    this.#carried = rest.length;
  }

  /** From here on the output is kept, within bounds: see `since`. */
  mark(): void {
    this.#marked = new MarkedPart(this.#goesOn);
  }

  /**
   * The output since the mark; if it is longer than what is kept, the middle is left out.
   *
   * @returns lines as a terminal shows them, without secrets, however long; none if there is no mark
   */
  since(): string[] {
    if (this.#marked === undefined) return [];
    const { isCut, text, startsWithin } = this.#marked;
    const rest = this.#unfinished();
    const last = isCut ? splitLines(this.#tail.toString('utf8', 0, this.#tailed) + rest).slice(1) : [];
    // What is left of a line that was cut may be part of a secret.
    const lines = isCut ? [...splitLines(text).slice(0, -1), ...last] : splitLines(text + rest);
    if (startsWithin) lines[0] = withoutStart(shownText(lines[0] ?? ''));
    return lines.map((line) => uncutLine(line));
  }

  /** From now on output goes elsewhere: what a process is made to print must not count as its own. */
  divert(to: (chunk: Buffer) => void): void {
    this.#elsewhere = to;
  }

  /** The output has ended: what is left is a line too. */
  end(): void {
    if (this.#carried > 0) this.#flushCarry();
  }

  #flushCarry(): void {
    const line = this.#carry.subarray(0, this.#carried);
    this.#carried = 0;
    this.#block(line);
  }

  /** Takes whole lines, or the last one without its end. */
  #block(bytes: Buffer): void {
    this.#look(bytes);
    this.#keepTail(bytes);
    this.#marked?.take(bytes);
    this.#goesOn = bytes[bytes.length - 1] !== NEWLINE;
  }

  #look(bytes: Buffer): void {
    if (this.#isWorthALook(bytes)) {
      this.#lineByLine(
        shownLines(bytes),
        bytes.length === LONGEST_LINE && bytes[bytes.length - 1] !== NEWLINE,
      );
      return;
    }
    const isWhole = bytes[bytes.length - 1] === NEWLINE;
    this.#lines += countLineEnds(bytes) + (isWhole || shownLines(lastLineOf(bytes)).length === 0 ? 0 : 1);
  }

  #isWorthALook(bytes: Buffer): boolean {
    if (this.#matches.length === 0) return false;
    if (this.#requiredText === undefined || this.#matches.some((tally) => tally.wantsMore)) return true;
    // Colours would hide the start of a line from a pattern, and split a text. The filter is made here, since many
    // processes print nothing.
    if (needsTerminal(bytes)) return true;
    this.#filter ??= textFilter(this.#requiredText);
    return this.#filter.occursIn(bytes);
  }

  /** Keeps the last bytes in one buffer: no garbage, however much passes. */
  #keepTail(bytes: Buffer): void {
    const kept = Math.min(this.#tailed, Math.max(0, TAIL_BYTES - bytes.length));
    this.#tail.copyWithin(0, this.#tailed - kept, this.#tailed);
    const added = bytes.copy(this.#tail, kept, Math.max(0, bytes.length - TAIL_BYTES));
    this.#tailed = kept + added;
  }

  #lineByLine(lines: readonly string[], goesOn: boolean): void {
    const first = this.#lines + 1;
    this.#lines += lines.length;
    let before: readonly string[] | undefined;
    const told = (from: number, to: number): string[] => this.#told(lines, from, to, goesOn);
    const above = (index: number): readonly string[] => {
      const near = told(Math.max(0, index - EXCERPT_LINES), index);
      if (near.length === EXCERPT_LINES) return near;
      before ??= this.#linesOfTail();
      return [...before, ...near].slice(-EXCERPT_LINES);
    };
    const line = (index: number): Line => ({
      shown: lines[index] ?? '',
      told: told(index, index + 1)[0] ?? '',
      number: first + index,
      above: () => above(index),
    });
    for (const tally of this.#matches) {
      const { regex } = tally.watch;
      if (regex instanceof BoundedPattern)
        for (const index of regex.matching(lines)) tally.match(line(index));
      else for (const [index, shown] of lines.entries()) tally.line(shown, () => line(index));
    }
  }

  /**
   * Lines of a block as they may be quoted: one that continues an earlier line may begin with the end of a secret.
   *
   * @param goesOn the last line is continued, so it may end with the beginning of one
   */
  #told(lines: readonly string[], from: number, to: number, goesOn: boolean): string[] {
    const told = lines.slice(from, to);
    if (from === 0 && to > 0 && this.#goesOn) told[0] = withoutStart(told[0] ?? '');
    if (goesOn && to === lines.length && told.length > 0) told.push(`${told.pop()}…`);
    return told;
  }

  /** The last lines before the current block. */
  #linesOfTail(): string[] {
    const lines = shownLines(this.#tail.subarray(0, this.#tailed));
    if (this.#tailed === TAIL_BYTES) lines[0] = withoutStart(lines[0] ?? '');
    return lines.slice(-EXCERPT_LINES);
  }

  /** Whether the user has allowed a line: it counts for no watch. */
  allows(line: string): boolean {
    return this.#allow.some((allowed) => allowed.test(line));
  }

  /** What each watch saw, in the order in which they were given. */
  sightings(): Sighting[] {
    return this.#matches.map((tally) => tally.sighting());
  }

  /** Whether the watch of this name has matched, including the line that is still being written. */
  saw(name: string): boolean {
    const tally = this.#matches.find((candidate) => candidate.watch.name === name);
    if (tally === undefined) return false;
    return tally.count > 0 || tally.watch.regex.test(shownText(this.#unfinished()));
  }

  #unfinished(): string {
    return this.#carry.toString('utf8', 0, this.#carried);
  }

  /** The patterns that took too long on this output and were given up, as the user wrote them. */
  givenUp(): string[] {
    const patterns = [...this.#matches.map(({ watch }) => watch.regex), ...this.#allow];
    return patterns.flatMap((each) => (each instanceof BoundedPattern && each.isGivenUp ? each.shown : []));
  }

  /** The last lines that are not blank, oldest first. */
  tail(count: number): string[] {
    const lines = splitLines(this.#tail.toString('utf8', 0, this.#tailed) + this.#unfinished());
    // What is left of the first line may begin with the rest of a secret.
    if (this.#tailed === TAIL_BYTES) lines[0] = withoutStart(shownText(lines[0] ?? ''));
    const found: string[] = [];
    for (let index = lines.length - 1; index >= 0 && found.length < count; index -= 1) {
      const line = visibleLine(lines[index] ?? '', this.#carried > 0 && index === lines.length - 1);
      if (line.trim() !== '') found.push(line);
    }
    return found.reverse();
  }

  /** The last line that a terminal would show. */
  lastLine(): string {
    return this.tail(1)[0] ?? '';
  }
}

/**
 * The continuation of a line, without the part that may be the rest of a secret. What follows may begin with the rest of
 * another one, and says so: `Secrets.conceal` masks that behind an ellipsis.
 *
 * @param line as a terminal shows it: a sequence that is cut would stand between the ellipsis and the rest
 */
function withoutStart(line: string): string {
  const left = endOf(line, line.length - Math.max(secrets.longest, REST_OF_VALUE));
  return left === '' ? '' : `…${left}`;
}

function splitLines(text: string): string[] {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

/** The lines of a block as a terminal shows them. The last one counts without its end if it shows something. */
function shownLines(bytes: Buffer): string[] {
  const lines = splitLines(bytes.toString('utf8')).map(shownText);
  if (bytes[bytes.length - 1] !== NEWLINE && lines.at(-1) === '') lines.pop();
  return lines;
}

const lastLineOf = (bytes: Buffer): Buffer => bytes.subarray(bytes.lastIndexOf(NEWLINE) + 1);
