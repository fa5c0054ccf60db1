/** What to look for in output, and what was seen of it. */
import type { Pattern } from '../../core/pattern.ts';
import { endsTraceback, isBetweenTracebacks } from '../../core/traceback.ts';
import { type LinePattern, linePattern } from '../../text/bounded-pattern.ts';
import { visibleLine } from './visible-line.ts';

/** Something to look for. */
export interface Watch {
  readonly name: string;
  /** Matched against one line, as a terminal shows it. */
  readonly regex: LinePattern;
  /**
   * How much belongs to a match: up to the first line that is not indented, up to the end of a traceback and of those that
   * are written into it, or a number of lines in all.
   */
  readonly extent: 'indented' | 'traceback' | number;
  /** Texts one of which every matching line contains. If all watches have them, most output is passed over cheaply. */
  readonly requiredText?: readonly string[];
  /** For a report that is recognised by its last line: how many lines above belong to it; undefined if it is not one. */
  readonly leadIn?: (above: readonly string[], line: string) => number | undefined;
  /** Makes a function for one output, which is given its matching lines in order and says how much each counts. Default: one. */
  readonly weigh?: () => (line: string) => number;
}

/** A watch for one of the user's patterns. */
export function watchFor(name: string, pattern: Pattern): Watch {
  const requiredText = pattern.type === 'text' && pattern.text !== '' ? { requiredText: [pattern.text] } : {};
  return { name, regex: linePattern(pattern), extent: 1, ...requiredText };
}

/** What one watch has seen. */
export interface Sighting {
  readonly name: string;
  readonly count: number;
  readonly excerpts: readonly { readonly line: number; readonly text: readonly string[] }[];
}

const EXCERPTS = 3;
export const EXCERPT_LINES = 24;
/** How many ends of interleaved tracebacks are kept, and how many lines are searched for them. */
const TRACEBACK_ENDS = 8;
const TORN_LINES = 1000;

/** A line in its block. */
export interface Line {
  /** As a terminal shows it. */
  readonly shown: string;
  /** The part that may be quoted: if it continues an earlier line, its beginning may be the end of a secret. */
  readonly told: string;
  /** In the whole output, from 1. */
  readonly number: number;
  /** The lines before it, oldest first, as a terminal shows them: it takes time to gather them. */
  readonly above: () => readonly string[];
}

interface Excerpt {
  readonly line: number;
  readonly text: string[];
  /** The latest line of an excerpt that is already full: a traceback names the error there. */
  last?: string;
  /** The ends of tracebacks. */
  readonly ends: string[];
}

/** An excerpt that waits for more lines. */
interface OpenExcerpt {
  readonly excerpt: Excerpt;
  left: number;
  /** How many tracebacks have begun in it and not ended, and how many more lines to wait for that. */
  begun: number;
  patience: number;
  isTorn: boolean;
}

export class WatchMatches {
  readonly watch: Watch;
  readonly #allow: readonly LinePattern[];
  readonly #weigh: (line: string) => number;
  readonly #excerpts: Excerpt[] = [];
  #open: OpenExcerpt | undefined;
  #count = 0;

  constructor(watch: Watch, allow: readonly LinePattern[]) {
    this.watch = watch;
    this.#allow = allow;
    this.#weigh = watch.weigh?.() ?? (() => 1);
  }

  get count(): number {
    return this.#count;
  }

  /** Whether an excerpt is still waiting for lines. */
  get wantsMore(): boolean {
    return this.#open !== undefined;
  }

  /** Takes the next line. */
  line(shown: string, whole: () => Line): void {
    if (this.#open !== undefined) this.#goOn(this.#open, whole());
    if (this.watch.regex.test(shown)) this.match(whole());
  }

  /** Adds the next line to an excerpt that is still open. */
  #goOn(open: OpenExcerpt, { shown, told }: Line): void {
    const isEnd = this.watch.extent === 'traceback' && endsTraceback(shown);
    if (open.left > 0) {
      open.excerpt.text.push(visibleLine(told));
      open.left -= 1;
    } else if (isEnd && open.excerpt.ends.length < TRACEBACK_ENDS) {
      open.excerpt.ends.push(visibleLine(told));
      delete open.excerpt.last;
    } else open.excerpt.last = told;
    if (this.#isOver(open, shown, isEnd)) this.#open = undefined;
  }

  /**
   * Threads that fail at the same moment write their tracebacks into each other. An excerpt is over when as many have ended
   * as have begun; other lines without indentation in between do not end it.
   */
  #isOver(open: OpenExcerpt, shown: string, isEnd: boolean): boolean {
    if (typeof this.watch.extent === 'number') return open.left === 0;
    const begins = this.watch.regex.test(shown);
    if (this.watch.extent === 'indented') return !begins && !/^[\s|+]/.test(shown);
    open.begun += begins ? 1 : isEnd ? -1 : 0;
    open.isTorn ||= begins;
    if (open.isTorn) open.patience -= 1;
    if (open.begun === 0 || open.patience === 0) return true;
    return !open.isTorn && !begins && !/^(?:[\s|+]|$)/.test(shown) && !isBetweenTracebacks(shown);
  }

  /** Takes a line that is known to match. */
  match({ shown, told, number, above }: Line): void {
    if (this.#allow.some((allowed) => allowed.test(shown))) return;
    const led = this.watch.leadIn === undefined ? 0 : this.watch.leadIn(above(), shown);
    if (led === undefined) return;
    this.#count += this.#weigh(shown);
    if (this.#excerpts.length >= EXCERPTS || this.#open !== undefined) return;
    // Only lines that are kept are prepared for display: a process that prints millions pays for three.
    const leadIn =
      led === 0
        ? []
        : above()
            .slice(-led)
            .map((line) => visibleLine(line));
    const excerpt = { line: number - led, text: [...leadIn, visibleLine(told)], ends: [] };
    this.#excerpts.push(excerpt);
    const left = typeof this.watch.extent === 'number' ? this.watch.extent - 1 : EXCERPT_LINES;
    if (left > 0) this.#open = { excerpt, left, begun: 1, patience: TORN_LINES, isTorn: false };
  }

  sighting(): Sighting {
    const excerpts = this.#excerpts.map(({ line, text, last, ends }) => {
      const after = [...ends, ...(last === undefined ? [] : [visibleLine(last)])];
      return { line, text: after.length === 0 ? text : [...text.slice(0, -after.length), ...after] };
    });
    return { name: this.watch.name, count: this.#count, excerpts };
  }
}
