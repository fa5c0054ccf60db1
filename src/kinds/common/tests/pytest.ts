/**
 * pytest. With `-v` every test has a line; without it only those that failed have a name, in the short summary, and the
 * others a letter each. Of subtests, only those that failed have a name, in the short summary: their letters and lines say
 * less, and those of unittest's are printed into what their test prints.
 */
import { countTests, type TestCounts, type TestOutcome } from '../../../core/test-results.ts';
import { plural } from '../../../core/units.ts';
import {
  type Broken,
  type Draft,
  draft,
  endedBy,
  firstLines,
  firstMessage,
  type KnownRunner,
  MOST_SESSIONS,
  MOST_TESTS,
  placeIn,
  type Session,
  type TestReader,
} from './reader.ts';

const START = /^=+ test session starts =+$/;
const SECTION = /^=+ ([A-Za-z][\w ]*) =+$/;
const SHORT_SUMMARY = 'short test summary info';
const BLOCK = /^_{3,} (.+) _{3,}$/;
/** `3 failed, 7 passed in 0.05s`, between signs unless it is told to be quiet. */
const SUMMARY =
  /^(?:=+ )?((?:\d+ [a-z]+(?: [a-z]+)?, )*\d+ [a-z]+(?: [a-z]+)?|no tests ran) in \d[\d.]*s(?: \([\d:, a-z]+\))?(?: =+)?$/;
const PERCENT = /\[ {0,2}\d{1,3}%\]$/;
const WORKER = /^\[gw\d+\] \[ {0,2}\d{1,3}%\] (PASSED|FAILED|ERROR|SKIPPED|XFAIL|XPASS) (.*)$/;
const PROGRESS = /^(?:\S+ )?([-.FEsxXRuy]+)(?: +\[ {0,2}\d{1,3}%\])?$/;
const COLLECTED = /^(?:collecting \.\.\. )?collected (\d{1,9}) items?\b/;
const SELECTED = / (\d{1,9}) selected$/;
/** A file of which the tests so far have a letter each. */
const TORN = /^(?:(\S+) )?[-.FEsxXRuy]*$/;
const QUIET = /^[-.FEsxXRuy]+ +\[ {0,2}\d{1,3}%\]$/;

/** A subtest in the short summary: `SUBFAILED[with a text] (i=1) test_math.py::test_adds - assert 1 == 2` */
const PART = 'SUBFAILED';
const AFTER_PART = /[\])] [^\s:]+::/;
const PASSED_PARTS = 'subtests passed';

/** The words of a line, and its letters, by the words of the summary. */
const WORDS = {
  PASSED: 'passed',
  FAILED: 'failed',
  ERROR: 'error',
  SKIPPED: 'skipped',
  XFAIL: 'xfailed',
  XPASS: 'xpassed',
} as const;
const LETTERS: Readonly<Record<string, string>> = {
  '.': 'passed',
  F: 'failed',
  E: 'error',
  s: 'skipped',
  x: 'xfailed',
  X: 'xpassed',
};
const OUTCOMES: Readonly<Record<string, TestOutcome>> = {
  ...{
    passed: 'passed',
    xpassed: 'passed',
    failed: 'failed',
    error: 'failed',
    skipped: 'skipped',
    xfailed: 'skipped',
  },
};
/** Words of a summary that count no tests. */
const OTHERS = new Set(['deselected', 'warning', 'warnings', 'rerun', PASSED_PARTS]);
/** Of subtests these are counted among the tests, and their lines may be lost. */
const LOST = new Set(['skipped', 'xfailed']);

type Tally = Map<string, number>;
const count = (tally: Tally, word: string, many = 1): void =>
  void tally.set(word, (tally.get(word) ?? 0) + many);

function countsOf(tally: Tally): TestCounts {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const [word, many] of tally) {
    const outcome = OUTCOMES[word];
    if (outcome !== undefined) counts[outcome] += many;
  }
  return counts;
}

interface Listed {
  readonly word: string;
  readonly test: Draft;
}

/**
 * @param id `tests/test_math.py::TestGroup::test_adds[1]`
 * @param part of a subtest, such as `(i=1)`
 */
function named(id: string, part?: string): Pick<Draft, 'name' | 'suite' | 'file'> {
  // What is in brackets may contain anything.
  const bracket = id.indexOf('[');
  const head = bracket === -1 ? id : id.slice(0, bracket);
  const parts = head.split('::');
  const name = `${parts.at(-1) ?? ''}${bracket === -1 ? '' : id.slice(bracket)}`;
  const groups = [...parts.slice(0, -1), ...(part === undefined ? [] : [name])];
  return { name: part ?? name, suite: groups.join(' › '), file: parts[0] ?? null };
}

/** The name of a test, the word for its outcome and the reason, of a line such as `test_a.py::test_b SKIPPED (why)`. */
function verbose(line: string): { id: string; word: keyof typeof WORDS; reason: string | null } | undefined {
  const percent = PERCENT.exec(line);
  const body = (percent === null ? line : line.slice(0, percent.index)).trimEnd();
  const separator = body.indexOf('::');
  if (separator < 1) return undefined;
  for (const word of Object.keys(WORDS) as (keyof typeof WORDS)[]) {
    if (body.endsWith(` ${word}`)) return { id: body.slice(0, -word.length - 1), word, reason: null };
    const at = body.endsWith(')') ? body.indexOf(` ${word} (`, separator) : -1;
    if (at !== -1) return { id: body.slice(0, at), word, reason: body.slice(at + word.length + 3, -1) };
  }
  return undefined;
}

/** How the blocks of failures call a test. */
const titleOf = (id: string): string => {
  const bracket = id.indexOf('[');
  const head = bracket === -1 ? id : id.slice(0, bracket);
  return `${head.split('::').slice(1).join('.')}${bracket === -1 ? '' : id.slice(bracket)}`;
};

/** From a line of the short summary, the test and the message. */
function shortLine(text: string): { id: string; message: string | null } {
  const bracket = text.indexOf('] - ');
  const at = text.includes('[') && bracket !== -1 ? bracket + 1 : text.indexOf(' - ');
  return at === -1
    ? { id: text.trimEnd(), message: null }
    : { id: text.slice(0, at), message: text.slice(at + 3) };
}

class PytestSession {
  readonly #from: number;
  #to: number;
  #section = '';
  #isTorn = false;
  readonly #listed: Listed[] = [];
  readonly #failing = new Map<string, Draft>();
  readonly #letters: Tally = new Map();
  /** The blocks of failures by title, in order. */
  readonly #blocks = new Map<string, string[][]>();
  #block: string[] | undefined;
  /** Of the short summary. */
  readonly #short: {
    readonly id: string;
    readonly word: 'failed' | 'error';
    readonly message: string | null;
    /** Of a subtest. */
    readonly part?: string;
  }[] = [];
  /** How many tests are to run, where that is told: then there is a summary as well. */
  #planned = 0;
  #summary: string | undefined;
  #told: Tally = new Map();

  constructor(at: number) {
    this.#from = at;
    this.#to = at;
  }

  /** Another one has begun before this one ended: one test runs pytest, or both run at once. */
  tear(): void {
    this.#isTorn ||= this.#summary === undefined;
  }

  get hasEnded(): boolean {
    return this.#summary !== undefined;
  }

  line(text: string, at: number): void {
    const [, counts] = SUMMARY.exec(text) ?? [];
    if (counts !== undefined) this.#end(counts, at);
    else if (this.#section === '' && this.#summary === undefined) this.#progress(text, at);
    const [, section] = SECTION.exec(text) ?? [];
    if (section !== undefined && counts === undefined) {
      this.#section = section;
      this.#block = undefined;
    } else if (this.#section === SHORT_SUMMARY) this.#shortly(text);
    else if (this.#section === 'FAILURES' || this.#section === 'ERRORS') this.#detail(text);
  }

  #end(counts: string, at: number): void {
    this.#told = new Map();
    if (counts !== 'no tests ran')
      for (const part of counts.split(', ')) {
        const [many = '', ...words] = part.split(' ');
        const word = words.join(' ');
        count(this.#told, word === 'errors' ? 'error' : word, Number(many));
      }
    this.#summary = counts;
    this.#to = at;
    this.#section = 'after';
  }

  #progress(text: string, at: number): void {
    const [collected, many] = COLLECTED.exec(text) ?? [];
    if (collected !== undefined) this.#planned = Number(SELECTED.exec(text)?.[1] ?? many);
    const [, word, id] = WORKER.exec(text) ?? [];
    const told =
      word === undefined || id === undefined
        ? verbose(text)
        : { id: id.trimEnd(), word: word as keyof typeof WORDS, reason: null };
    if (told !== undefined) {
      this.#to = at;
      this.#add(told.id, WORDS[told.word], told.reason);
      return;
    }
    const [, letters] = PROGRESS.exec(text) ?? [];
    if (letters === undefined) return;
    this.#to = at;
    for (const letter of letters) count(this.#letters, LETTERS[letter] ?? 'rerun');
  }

  #add(id: string, word: string, reason: string | null, part?: string): Draft {
    const test = draft({
      ...named(id, part),
      outcome: OUTCOMES[word] ?? 'failed',
      message: firstMessage(reason ?? undefined),
    });
    if (this.#listed.length < MOST_TESTS) this.#listed.push({ word, test });
    if (test.outcome === 'failed' && part === undefined) this.#failing.set(id, test);
    return test;
  }

  #shortly(text: string): void {
    if (this.#short.length >= MOST_TESTS) return;
    const end = text.startsWith(PART) ? text.search(AFTER_PART) + 1 : 0;
    if (end > 0)
      this.#short.push({
        ...shortLine(text.slice(end + 1)),
        ...{ part: text.slice(PART.length, end), word: 'failed' },
      });
    const word = text.startsWith('FAILED ') ? 'failed' : text.startsWith('ERROR ') ? 'error' : undefined;
    if (word !== undefined) this.#short.push({ ...shortLine(text.slice(word.length + 1)), word });
  }

  #detail(text: string): void {
    const [, title] = BLOCK.exec(text) ?? [];
    if (title === undefined) {
      if (this.#block !== undefined && this.#block.length < 400) this.#block.push(text);
      return;
    }
    this.#block = [];
    const name = title.replace(/^ERROR at (?:setup|teardown) of |^ERROR collecting /, '');
    const known = this.#blocks.get(name);
    if (known === undefined) this.#blocks.set(name, [this.#block]);
    else known.push(this.#block);
  }

  /** Names of failed tests, and of files that could not be collected, that only the short summary has. */
  #takeShort(): void {
    for (const { id, word, message, part } of this.#short) {
      const test =
        (part === undefined ? this.#failing.get(id) : undefined) ?? this.#add(id, word, null, part);
      test.message ??= firstMessage(message ?? undefined);
      const title = id.includes('::') ? titleOf(id) : id;
      const block = this.#blocks.get(part === undefined ? title : `${title} ${part}`)?.shift();
      if (block === undefined) continue;
      const captured = block.findIndex((line) => line.startsWith('-----'));
      const own = captured === -1 ? block : block.slice(0, captured);
      const place = placeIn(
        own.filter((line) => /^[^\s>]/.test(line)),
        true,
      );
      if (place !== undefined) Object.assign(test, place);
      test.output = firstLines(block);
    }
  }

  /** @param torn the last line of the output, if nothing has ended it */
  #broken(torn: string, { passed, failed, skipped }: TestCounts): Broken | undefined {
    const told = passed + failed + skipped;
    // With `-v`, the name of a test that has begun and has no outcome.
    const isTest = /^\S+::/.test(torn) && torn.endsWith(' ');
    const letters = TORN.exec(torn);
    const isProgress = torn !== '' && (isTest || letters !== null);
    if (!isProgress || this.#isTorn || this.#section !== '' || told >= this.#planned) return undefined;
    const where = isTest ? torn.trimEnd() : letters?.[1];
    return {
      line: torn.trimEnd(),
      words: `pytest stopped ${where === undefined ? '' : `in ${where}, `}after ${told} of ${plural(this.#planned, 'test')}`,
      hint: endedBy('os._exit(0)'),
    };
  }

  /** @returns the tests so far, of a run that did not come to its end */
  #unended(torn: string): Pick<Session, 'isSure' | 'counts' | 'cases' | 'broken'> {
    const cases = this.#listed.map(({ test }) => test);
    const isVerbose = cases.length > 0;
    const counts = isVerbose ? countTests(cases) : countsOf(this.#letters);
    const broken = this.#broken(torn, counts);
    const isSure = !this.#isTorn && (isVerbose || broken !== undefined);
    return { isSure, counts, cases, ...(broken === undefined ? {} : { broken }) };
  }

  session(torn: string): Session {
    const isVerbose = this.#listed.length > 0;
    this.#takeShort();
    const range = { format: 'pytest', from: this.#from, to: this.#to } as const;
    if (this.#summary === undefined)
      return { ...range, isComplete: false, summary: null, ...this.#unended(torn) };
    const cases = this.#listed.map(({ test }) => test);
    const counts = countsOf(this.#told);
    const isSure = !this.#isTorn && this.#agrees(isVerbose);
    // Without a name for each of them, those that have one might be of another run.
    const isNamed = isVerbose || cases.length === counts.failed;
    return {
      ...range,
      isComplete: true,
      isSure,
      counts,
      cases: isNamed ? cases : [],
      summary: this.#summary,
    };
  }

  #agrees(isVerbose: boolean): boolean {
    const seen: Tally = new Map(isVerbose ? [] : this.#letters);
    const parts = this.#short.filter(({ part }) => part !== undefined);
    if (isVerbose) for (const { word } of this.#listed) count(seen, word);
    else if (parts.length > 0) count(seen, 'failed', parts.length);
    const hasParts = parts.length > 0 || this.#told.has(PASSED_PARTS);
    for (const [word, many] of this.#told) {
      if (OTHERS.has(word)) continue;
      if (OUTCOMES[word] === undefined) return false;
      const got = seen.get(word) ?? 0;
      // A file that cannot be collected is an error, and has no letter.
      const uncollected =
        word === 'error' && !isVerbose ? this.#short.filter(({ id }) => !id.includes('::')).length : 0;
      const isLost = hasParts && LOST.has(word) && got < many;
      if (got + uncollected !== many && !isLost) return false;
    }
    return [...seen.keys()].every((word) => this.#told.has(word) || word === 'rerun');
  }
}

function read(): TestReader {
  const sessions: PytestSession[] = [];
  return {
    line: (text, at) => {
      const last = sessions.at(-1);
      const isStart = START.test(text);
      if (isStart) last?.tear();
      if (
        sessions.length < MOST_SESSIONS &&
        (isStart || ((last === undefined || last.hasEnded) && QUIET.test(text)))
      )
        sessions.push(new PytestSession(at));
      if (!isStart) sessions.at(-1)?.line(text, at);
    },
    end: (torn) => sessions.map((session) => session.session(session === sessions.at(-1) ? torn : '')),
  };
}

export const PYTEST: KnownRunner = {
  signs: [
    ' test session starts =',
    ' passed in ',
    ' failed in ',
    ' skipped in ',
    ' errors in ',
    ' error in ',
    ' passed, ',
    ' passed\u001b',
    ' failed\u001b',
    ' skipped\u001b',
    ' error\u001b',
    ' errors\u001b',
    ' failed, ',
  ],
  read,
};
