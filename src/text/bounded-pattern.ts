/**
 * Patterns of users on text that nobody vouches for.
 *
 * A regular expression may take a time that grows with the square of a line, or doubles with each of its letters, and
 * while it runs nothing else does: no time limit, no Ctrl-C. Where that can be ruled out by its form and by the length
 * of the line it is simply tried. Otherwise it runs under the clock of `node:vm`, the only means in V8 by which an
 * expression is ended from outside; that costs some 50 µs a call, so whole blocks of lines go through one. A pattern
 * that overruns is given up for good, and whoever asked for it is told. Who has single texts, very many of them, may
 * have more steps taken without that clock: then a look at the watch afterwards is all.
 *
 * What counts is processor time: neither a busy machine nor a stopped process has a pattern given up.
 */
import { createRequire } from 'node:module';
import type { Context, Script } from 'node:vm';
import { type Pattern, showPattern, toRegExp } from '../core/pattern.ts';

/** Something that is tried on one line. */
export interface LinePattern {
  test(line: string): boolean;
}

/** How long one call may take, in milliseconds: for 64 KB, which takes a sane expression one. */
const CALL_LIMIT = 1000;
/** Over all calls: this long, and a millisecond for each, and for each thousand characters. Sane ones take a hundredth. */
const ALLOWANCE = 2000;
const ALLOWANCE_A_CALL = 1;
const CHARACTERS_A_MILLISECOND = 1000;
/** So many steps are taken without a clock: well below a millisecond. */
const STEPS = 100_000;
const ATTEMPTS = 3;
/** What takes no longer than this, in milliseconds, is not held against a pattern. */
const SHORT = 1;

const QUANTIFIER = /^(?:[*+?]|\{\d+(?:,\d*)?\})\??/;

/** One bracket that is open. */
interface Group {
  /** A repetition or a choice is in it: repeating it in turn can be exponential. */
  isRich: boolean;
}

/**
 * To which power of the length of a text the steps of a search can grow at worst: one for each place where it can
 * begin, and one for each repetition, as these can be divided in that many ways. Infinity where repetitions are nested,
 * since their ways multiply, and where something is referred back to.
 *
 * @param source of a valid regular expression
 */
export function worstDegree(source: string): number {
  let degree = 1;
  const open: Group[] = [{ isRich: false }];
  const last = (): Group => open.at(-1) ?? { isRich: false };
  for (let at = 0; at < source.length; ) {
    let atom: Group | undefined;
    const char = source[at];
    if (char === '\\') {
      if (/^\\(?:[1-9]|k<)/.test(source.slice(at, at + 3))) return Number.POSITIVE_INFINITY;
      at += 2;
    } else if (char === '[') {
      for (at += 1; at < source.length && source[at] !== ']'; at += 1) if (source[at] === '\\') at += 1;
      at += 1;
    } else if (char === '(') {
      open.push({ isRich: false });
      at += source[at + 1] === '?' ? 2 : 1;
      continue;
    } else if (char === ')') {
      atom = open.pop();
      if (atom?.isRich === true) last().isRich = true;
      at += 1;
    } else {
      if (char === '|') last().isRich = true;
      at += 1;
    }
    const quantifier = QUANTIFIER.exec(source.slice(at, at + 24))?.[0];
    if (quantifier === undefined) continue;
    if (atom?.isRich === true) return Number.POSITIVE_INFINITY;
    degree += 1;
    last().isRich = true;
    at += quantifier.length;
  }
  return degree;
}

const job = { run: (): void => {} };
let bench: { readonly context: Context; readonly script: Script } | undefined;

/** Most runs have no need of `node:vm`, and so it is not loaded before. */
function makeBench(): { readonly context: Context; readonly script: Script } {
  const vm = createRequire(import.meta.url)('node:vm') as typeof import('node:vm');
  return { context: vm.createContext({ job }), script: new vm.Script('job.run()') };
}

/** Runs something to its end, or for so many milliseconds. Returns whether it came to its end. */
function runWithin(limit: number, run: () => void): boolean {
  bench ??= makeBench();
  job.run = run;
  try {
    bench.script.runInContext(bench.context, { timeout: limit });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return false;
    throw error;
  } finally {
    job.run = () => {};
  }
}

function processorTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** So many that they take well below a tenth of a second, at worst: for who cannot pay 50 µs for each text. */
export const STEPS_BY_THE_WATCH = 10_000_000;

/** How a pattern is tried. */
export interface BoundOptions {
  /** Instead of that for whole blocks of lines. */
  readonly regex?: RegExp;
  /** How many steps, at worst, `test` takes without a clock. */
  readonly steps?: number;
}

/** A regular expression of a user's. */
export class BoundedPattern implements LinePattern {
  /** As its user would write it. */
  readonly shown: string;
  readonly #regex: RegExp;
  /** Lines up to this length are tried without a clock. */
  readonly #safeLength: number;
  /** And up to this one by `test`, which looks at the watch afterwards. */
  readonly #watchedLength: number;
  #spent = 0;
  #seen = 0;
  #calls = 0;
  #isGivenUp = false;

  constructor(pattern: Pattern, { regex = toRegExp(pattern), steps = STEPS }: BoundOptions = {}) {
    this.shown = showPattern(pattern);
    this.#regex = regex;
    const degree = this.#regex.flags.includes('v')
      ? Number.POSITIVE_INFINITY
      : worstDegree(this.#regex.source);
    this.#safeLength = longest(STEPS, degree);
    this.#watchedLength = longest(steps, degree);
  }

  /** It took too long, and is not tried any more. */
  get isGivenUp(): boolean {
    return this.#isGivenUp;
  }

  /** Whether it matches; false once it is given up. */
  test(line: string): boolean {
    if (this.#isGivenUp) return false;
    if (line.length <= this.#safeLength) return this.#regex.test(line);
    if (line.length <= this.#watchedLength) return this.#testByTheWatch(line);
    return this.matching([line]).length > 0;
  }

  #testByTheWatch(line: string): boolean {
    const startedAt = performance.now();
    const isFound = this.#regex.test(line);
    const took = performance.now() - startedAt;
    this.#account(line.length, took > SHORT ? took : 0);
    return isFound;
  }

  #account(length: number, spent: number): void {
    this.#seen += length;
    this.#calls += 1;
    this.#spent += spent;
    const allowance = ALLOWANCE + this.#calls * ALLOWANCE_A_CALL + this.#seen / CHARACTERS_A_MILLISECOND;
    if (this.#spent > allowance) this.#isGivenUp = true;
  }

  /** The places of the lines that match; after it is given up none. */
  matching(lines: readonly string[]): number[] {
    const found: number[] = [];
    if (this.#isGivenUp) return found;
    const startedAt = this.#safeLength === Number.POSITIVE_INFINITY ? 0 : processorTime();
    let next = 0;
    let seen = 0;
    const search = (longest: number): void => {
      for (; next < lines.length; next += 1) {
        const line = lines[next] ?? '';
        if (line.length > longest) return;
        if (this.#regex.test(line)) found.push(next);
        seen += line.length;
      }
    };
    search(this.#safeLength);
    const isDone = next === lines.length || attempt(() => search(Number.POSITIVE_INFINITY), startedAt);
    this.#account(seen, startedAt === 0 ? 0 : processorTime() - startedAt);
    if (!isDone) this.#isGivenUp = true;
    return found;
  }
}

/** The longest text on which so many steps are enough. */
const longest = (steps: number, degree: number): number =>
  degree === 1 ? Number.POSITIVE_INFINITY : Math.floor(steps ** (1 / degree));

/** What is cut short while the machine does something else is taken up again. */
function attempt(run: () => void, startedAt: number): boolean {
  for (let times = 1; times <= ATTEMPTS; times += 1) {
    if (runWithin(CALL_LIMIT, run)) return true;
    if (processorTime() - startedAt >= CALL_LIMIT / 2) return false;
  }
  return false;
}

/** A pattern to be tried on lines: a text needs no bound. */
export const linePattern = (pattern: Pattern): LinePattern =>
  pattern.type === 'text' ? toRegExp(pattern) : new BoundedPattern(pattern);
