/**
 * User-supplied patterns on untrusted text.
 *
 * Matching a regular expression can take quadratic or exponential time, and it blocks the thread: no time limit fires,
 * and Ctrl-C does nothing. Where the pattern's form and the line's length rule that out, it runs directly. Otherwise
 * it runs under the timeout of `node:vm`, the only way in V8 to interrupt an expression. That costs some 50 µs a call,
 * so whole blocks of lines share one. A pattern that overruns is abandoned for good, and the caller can tell. A caller
 * with very many single texts may allow more steps without that timeout, and is then only timed afterwards.
 *
 * Processor time counts, so neither a busy machine nor a stopped process makes a pattern look slow.
 */
import { createRequire } from 'node:module';
import type { Context, Script } from 'node:vm';
import { type Pattern, showPattern, toRegExp } from '../core/pattern.ts';

/** Matches against one line. */
export interface LinePattern {
  test(line: string): boolean;
}

/** Limit of one call in milliseconds. A sane expression takes 1 ms for 64 KB. */
const CALL_LIMIT = 1000;
/** Budget over all calls, in milliseconds: a base, plus one per call and per thousand characters. Sane ones use 1 % of it. */
const ALLOWANCE = 2000;
const ALLOWANCE_A_CALL = 1;
const CHARACTERS_A_MILLISECOND = 1000;
/** Steps allowed without a timeout: well below a millisecond. */
const STEPS = 100_000;
const ATTEMPTS = 3;
/** Calls up to this many milliseconds do not count towards the budget. */
const SHORT = 1;

const QUANTIFIER = /^(?:[*+?]|\{\d+(?:,\d*)?\})\??/;

/** An open bracket. */
interface Group {
  /** It contains a repetition or an alternative, so repeating it can be exponential. */
  isRich: boolean;
}

/**
 * The exponent of a search's worst-case running time in the length of the text: one for the place where a match can
 * begin, and one for each repetition. Infinity for nested repetitions and for back references.
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

/** Loads `node:vm` on demand: most runs do not need it. */
function makeBench(): { readonly context: Context; readonly script: Script } {
  const vm = createRequire(import.meta.url)('node:vm') as typeof import('node:vm');
  return { context: vm.createContext({ job }), script: new vm.Script('job.run()') };
}

/** Runs something for at most `limit` milliseconds. Returns whether it finished. */
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

/** Well below a tenth of a second at worst: for callers that cannot pay 50 µs for each text. */
export const STEPS_BY_THE_WATCH = 10_000_000;

/** A user's regular expression. */
export class BoundedPattern implements LinePattern {
  /** As the user would write it. */
  readonly shown: string;
  readonly #regex: RegExp;
  /** Up to this length, lines are matched without a timeout. */
  readonly #safeLength: number;
  /** Up to this length, `test` measures the time instead of limiting it. */
  readonly #watchedLength: number;
  #spent = 0;
  #seen = 0;
  #calls = 0;
  #isGivenUp = false;

  /**
   * @param options `regex`: to run in place of the pattern's own; `steps`: how many, at worst, `test` takes without a timeout
   */
  constructor(
    pattern: Pattern,
    { regex = toRegExp(pattern), steps = STEPS }: { readonly regex?: RegExp; readonly steps?: number } = {},
  ) {
    this.shown = showPattern(pattern);
    this.#regex = regex;
    const degree = regex.flags.includes('v') ? Number.POSITIVE_INFINITY : worstDegree(regex.source);
    this.#safeLength = longest(STEPS, degree);
    this.#watchedLength = longest(steps, degree);
  }

  /** It took too long, and is no longer tried. */
  get isGivenUp(): boolean {
    return this.#isGivenUp;
  }

  /** Whether it matches; always false once it is given up. */
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

  /** The indexes of the lines that match; none once it is given up. */
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

/** The longest text that this many steps suffice for. */
const longest = (steps: number, degree: number): number =>
  degree === 1 ? Number.POSITIVE_INFINITY : Math.floor(steps ** (1 / degree));

/** Tries again when the timeout fired only because the machine was busy. */
function attempt(run: () => void, startedAt: number): boolean {
  for (let times = 1; times <= ATTEMPTS; times += 1) {
    if (runWithin(CALL_LIMIT, run)) return true;
    if (processorTime() - startedAt >= CALL_LIMIT / 2) return false;
  }
  return false;
}

/** A matcher for lines; plain text needs no bound. */
export const linePattern = (pattern: Pattern): LinePattern =>
  pattern.type === 'text' ? toRegExp(pattern) : new BoundedPattern(pattern);
