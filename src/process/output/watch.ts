/** What output is watched for, and what was seen of it. */
import type { Pattern } from '../../core/pattern.ts';
import { endsTraceback, isBetweenTracebacks } from '../../core/traceback.ts';
import { type LinePattern, linePattern } from '../../text/bounded-pattern.ts';
import { visibleLine } from './visible-line.ts';

/** Something to look for. */
export interface Watch {
  readonly name: string;
  /** Is tried on one line, as a terminal shows it. */
  readonly regex: LinePattern;
  /**
   * How much after a matching line belongs to it: up to the first line that is not indented, up to the end of a traceback and of
   * those that are written into it, or a number of lines in all.
   */
  readonly extent: 'indented' | 'traceback' | number;
  /** Texts of which a line that matches must hold one. Where every watch has them, most output is passed by cheaply. */
  readonly requiredText?: readonly string[];
  /** For a report that is known by its last line: how many of the lines above belong to it; undefined when it is none. */
  readonly leadIn?: (above: readonly string[], line: string) => number | undefined;
  /** For how much a matching line counts, of those of one output, in their order. One, where this is left out. */
  readonly weigh?: () => (line: string) => number;
}

/** A watch for a pattern of the user's. */
export function watchFor(name: string, pattern: Pattern): Watch {
  const requiredText = pattern.type === 'text' && pattern.text !== '' ? { requiredText: [pattern.text] } : {};
  return { name, regex: linePattern(pattern), extent: 1, ...requiredText };
}

/** What was seen of one watch. */
export interface Sighting {
  readonly name: string;
  readonly count: number;
  readonly excerpts: readonly { readonly line: number; readonly text: readonly string[] }[];
}

const EXCERPTS = 3;
export const EXCERPT_LINES = 24;
/** Of tracebacks that are written into each other so many ends are kept, and so many lines are gone through for them. */
const TRACEBACK_ENDS = 8;
const TORN_LINES = 1000;

/** A line in its block. */
export interface Line {
  /** As a terminal shows it. */
  readonly shown: string;
  /** What of it may be told: not the beginning of what only goes on a line, as it may be the end of a secret. */
  readonly told: string;
  /** In the whole output, from 1. */
  readonly number: number;
  /** The lines before it, oldest first, as a terminal shows them: it takes time to gather them. */
  readonly above: () => readonly string[];
}

interface Excerpt {
  readonly line: number;
  readonly text: string[];
  /** Past its length an excerpt keeps its last line current: that is where a traceback names the error. */
  last?: string;
  /** And the ends of tracebacks. */
  readonly ends: string[];
}

/** An excerpt that waits for more lines. */
interface OpenExcerpt {
  readonly excerpt: Excerpt;
  left: number;
  /** How many tracebacks have begun in it and not ended, and for how many lines more that is waited for. */
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

  /** Whether an excerpt still waits for lines that follow its first. */
  get wantsMore(): boolean {
    return this.#open !== undefined;
  }

  /** Takes the next line. */
  line(shown: string, whole: () => Line): void {
    if (this.#open !== undefined) this.#goOn(this.#open, whole());
    if (this.watch.regex.test(shown)) this.match(whole());
  }

  /** An excerpt that is still open takes the line that follows it. */
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
   * Threads that fail at once write their tracebacks into each other: one is over when as many have ended as have begun, and
   * what else is not indented stands between them.
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
    // What is not kept need not be made fit to be shown: whoever prints such lines by the million pays for three.
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
