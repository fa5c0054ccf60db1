/**
 * Reads output as it passes: its last line, its tail, and the lines that match a pattern. It works on blocks of
 * whole lines, one regular expression for all patterns first, so that a gigabyte costs seconds and no memory.
 */
import { stripVTControlCharacters } from 'node:util';
import { type Pattern, toRegExp } from '../../domain/pattern.ts';
import { needleFilter } from './needles.ts';

/** Something to look for. */
export interface Watch {
  readonly name: string;
  /** Has the flag `m`: it is tried on blocks of lines. Never `g`. */
  readonly regex: RegExp;
  /** How much after a matching line belongs to it: up to the first line that is not indented, or a number of lines in all. */
  readonly extent: 'indented' | number;
  /** Texts of which a line that matches must hold one. Where every watch has them, most output is passed by cheaply. */
  readonly needles?: readonly string[];
  /** For a report that is known by its last line: which of the lines above belong to it; undefined when it is none. */
  readonly leadIn?: (above: readonly string[]) => readonly string[] | undefined;
}

/** A watch for a pattern of the user's. */
export function watchFor(name: string, pattern: Pattern): Watch {
  const needles = pattern.type === 'text' ? { needles: [pattern.text] } : {};
  return { name, regex: toRegExp(pattern), extent: 1, ...needles };
}

/** What was seen of one watch. */
export interface Sighting {
  readonly name: string;
  readonly count: number;
  readonly excerpts: readonly { readonly line: number; readonly text: readonly string[] }[];
}

const NEWLINE = 0x0a;
const ESCAPE = 0x1b;
/** A line longer than this is cut into several: a program that never ends its line must not fill the memory. */
const LONGEST_LINE = 64 * 1024;
const TAIL_BYTES = 16 * 1024;
const EXCERPTS = 3;
const EXCERPT_LINES = 24;
const SHOWN_LINE_LENGTH = 300;

/**
 * A line as a terminal would finally show it: what a carriage return overwrote is gone, colours and control
 * characters are taken out, tabs stay.
 */
export function visibleLine(raw: string): string {
  const trimmed = raw.replace(/[\r\n]+$/, '');
  const shown = trimmed.slice(trimmed.lastIndexOf('\r') + 1);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is removed
  const plain = stripVTControlCharacters(shown).replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '');
  return plain.length > SHOWN_LINE_LENGTH ? `${plain.slice(0, SHOWN_LINE_LENGTH - 1)}…` : plain;
}

class Tally {
  readonly watch: Watch;
  readonly #allow: readonly RegExp[];
  readonly #excerpts: { line: number; text: string[] }[] = [];
  #open: { text: string[]; left: number } | undefined;
  #count = 0;

  constructor(watch: Watch, allow: readonly RegExp[]) {
    this.watch = watch;
    this.#allow = allow;
  }

  get count(): number {
    return this.#count;
  }

  /** Whether an excerpt still waits for lines that follow its first. */
  get wantsMore(): boolean {
    return this.#open !== undefined;
  }

  /** @param above gives the lines before this one, oldest first */
  line(raw: string, number: number, above: () => readonly string[]): void {
    const open = this.#open;
    if (open !== undefined) {
      const text = visibleLine(raw);
      if (open.left > 0) {
        open.text.push(text);
        open.left -= 1;
      } else {
        // Past its length an excerpt keeps its last line current: that is where a traceback names the error.
        open.text[open.text.length - 1] = text;
      }
      // Threads that fail at once write their reports into each other: one more beginning is not the end.
      const goesOn = /^[\s|+]/.test(text) || this.watch.regex.test(text);
      const ends = this.watch.extent === 'indented' ? !goesOn : open.left === 0;
      if (ends) this.#open = undefined;
    }
    if (!this.watch.regex.test(raw) || this.#allow.some((allowed) => allowed.test(raw))) return;
    const leadIn = this.watch.leadIn === undefined ? [] : this.watch.leadIn(above());
    if (leadIn === undefined) return;
    this.#count += 1;
    if (this.#excerpts.length >= EXCERPTS || this.#open !== undefined) return;
    const excerpt = { line: number - leadIn.length, text: [...leadIn, visibleLine(raw)] };
    this.#excerpts.push(excerpt);
    const left = this.watch.extent === 'indented' ? EXCERPT_LINES : this.watch.extent - 1;
    if (left > 0) this.#open = { text: excerpt.text, left };
  }

  sighting(): Sighting {
    return { name: this.watch.name, count: this.#count, excerpts: this.#excerpts };
  }
}

export class OutputScanner {
  readonly #tallies: readonly Tally[];
  readonly #any: RegExp | undefined;
  /** What one of must be in a block that is worth a closer look; undefined when every block is. */
  readonly #needles: readonly string[] | undefined;
  readonly #carry = Buffer.allocUnsafe(LONGEST_LINE);
  #carried = 0;
  readonly #tail = Buffer.allocUnsafe(TAIL_BYTES);
  #tailed = 0;
  #lines = 0;
  #elsewhere: ((chunk: Buffer) => void) | undefined;

  /**
   * @param watches what to look for
   * @param allow lines that match one of these do not count for any watch
   */
  constructor(watches: readonly Watch[], allow: readonly RegExp[] = []) {
    this.#tallies = watches.map((watch) => new Tally(watch, allow));
    // Flags other than `m` differ from watch to watch, so only plain ones can share one expression.
    const plain = watches.every((watch) => watch.regex.flags === 'm');
    const sources = watches.map((watch) => `(?:${watch.regex.source})`).join('|');
    this.#any = watches.length > 0 && plain ? new RegExp(sources, 'm') : undefined;
    const needles = watches.map((watch) => watch.needles);
    this.#needles = needles.includes(undefined) ? undefined : needles.flatMap((some) => some ?? []);
  }

  /** Lines seen so far, a last one without its newline included. */
  get lines(): number {
    return this.#lines + (this.#carried > 0 ? 1 : 0);
  }

  /**
   * Takes the next bytes. Cut characters and lines are put together again; bytes that are no UTF-8 become U+FFFD.
   *
   * @param chunk may be reused by the caller afterwards
   */
  push(chunk: Buffer): void {
    if (this.#elsewhere !== undefined) {
      this.#elsewhere(chunk);
      return;
    }
    // Piece by piece, so that it makes no difference to a long line in how many chunks it came.
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

  /** From now on output is given to somebody else: what it is made to say is not what it said. */
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

  /** Takes whole lines, or a last one without its end. */
  #block(bytes: Buffer): void {
    this.#look(bytes);
    this.#keepTail(bytes);
  }

  #look(bytes: Buffer): void {
    const isOpen = this.#tallies.some((tally) => tally.wantsMore);
    // Colours would hide the start of a line from a pattern, and part a needle.
    const isColored = bytes.includes(ESCAPE);
    const lines = isOpen || isColored ? -1 : this.#countLines(bytes);
    if (lines >= 0) {
      this.#lines += bytes[bytes.length - 1] === NEWLINE ? lines : lines + 1;
      return;
    }
    const raw = bytes.toString('utf8');
    const text = isColored ? stripVTControlCharacters(raw) : raw;
    if (isOpen || this.#matchesAny(text)) this.#lineByLine(text);
    else this.#lines += countLines(text);
  }

  /** Keeps the last bytes in place: no garbage, however much passes. */
  #keepTail(bytes: Buffer): void {
    const kept = Math.min(this.#tailed, Math.max(0, TAIL_BYTES - bytes.length));
    this.#tail.copyWithin(0, this.#tailed - kept, this.#tailed);
    const added = bytes.copy(this.#tail, kept, Math.max(0, bytes.length - TAIL_BYTES));
    this.#tailed = kept + added;
  }

  /** How many lines a block holds; -1 when it is worth a closer look. Many a process prints nothing: then no filter is made. */
  #countLines(bytes: Buffer): number {
    return this.#needles === undefined ? -1 : needleFilter(this.#needles).countLines(bytes);
  }

  #matchesAny(text: string): boolean {
    if (this.#any !== undefined) return this.#any.test(text);
    return this.#tallies.some((tally) => tally.watch.regex.test(text));
  }

  #lineByLine(text: string): void {
    const lines = splitLines(text);
    for (const [index, line] of lines.entries()) {
      this.#lines += 1;
      const above = (): string[] => this.#above(lines, index);
      for (const tally of this.#tallies) tally.line(line, this.#lines, above);
    }
  }

  /** The lines that stand before one of a block, in the block itself and before it. */
  #above(lines: readonly string[], index: number): string[] {
    const earlier = index >= EXCERPT_LINES ? '' : this.#tail.toString('utf8', 0, this.#tailed);
    const all = [...splitLines(stripVTControlCharacters(earlier)), ...lines.slice(0, index)];
    return all.slice(-EXCERPT_LINES).map(visibleLine);
  }

  /** What each watch saw, in the order in which they were given. */
  sightings(): Sighting[] {
    return this.#tallies.map((tally) => tally.sighting());
  }

  /** Whether the watch of this name has matched, the line that is still being written included. */
  saw(name: string): boolean {
    const tally = this.#tallies.find((candidate) => candidate.watch.name === name);
    if (tally === undefined) return false;
    const line = stripVTControlCharacters(this.#carry.toString('utf8', 0, this.#carried));
    return tally.count > 0 || tally.watch.regex.test(line);
  }

  /** The last lines that hold something, oldest first. */
  tail(count: number): string[] {
    const text =
      this.#tail.toString('utf8', 0, this.#tailed) + this.#carry.toString('utf8', 0, this.#carried);
    return splitLines(text)
      .map(visibleLine)
      .filter((line) => line.trim() !== '')
      .slice(-count);
  }

  /** The line that a terminal would show last. */
  lastLine(): string {
    return this.tail(1)[0] ?? '';
  }
}

function splitLines(text: string): string[] {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

function countLines(text: string): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) count += 1;
  return text === '' || text.endsWith('\n') ? count : count + 1;
}
