/** `cargo test`: each program of a crate tells of its tests, and sums them up. */
import { countTests, type TestOutcome } from '../../../core/test-results.ts';
import { plural } from '../../../core/units.ts';
import {
  type Broken,
  type Draft,
  draft,
  endedBy,
  firstLines,
  firstMessage,
  type KnownRunner,
  MOST_TESTS,
  reasonIn,
  type Session,
  type TestReader,
} from './reader.ts';

/** Cargo announces a program. That is not on a line of its own if the one before was stopped in a test. */
const PROGRAM = /(?:^| \.\.\.) +(?:Running (?:unittests )?(\S+) \(|Doc-tests (\S+)$)/;
const START = /^running (\d+) tests?$/;
const TEST = /^test (.+) \.\.\. (ok|FAILED|ignored|bench:)(?:, |\s|$)/;
const END =
  /^test result: (?:ok|FAILED)\. (\d+) passed; (\d+) failed; (\d+) ignored; (\d+) measured; \d+ filtered out(?:;.*)?$/;
/** A test that has begun, and has no outcome. */
const TORN = /^test (.+) \.\.\. $/;
const BLOCK = /^---- (.+) std(?:out|err) ----$/;
const NAMED = /^ {4}(\S.*)$/;
const PANIC = 'panicked at ';
const PLACE = /^(.+?):(\d{1,9}):\d{1,9}:?$/;
const OUTCOMES: Readonly<Record<string, TestOutcome>> = {
  ok: 'passed',
  'bench:': 'passed',
  FAILED: 'failed',
  ignored: 'skipped',
};

/** Of what a test in Rust prints as it fails: where, and why. */
export function whyInRust(lines: readonly string[]): Partial<Draft> {
  const at = lines.findIndex((line) => line.includes(PANIC));
  // Older ones tell the message before the place.
  const [, file, line] = PLACE.exec(lines[at]?.split(' ').at(-1) ?? '') ?? [];
  const error = lines.find((each) => each.startsWith('Error: '));
  if (file === undefined) return { message: firstMessage(error), output: firstLines(lines) };
  return { file, line: Number(line), message: reasonIn(lines.slice(at + 1)), output: firstLines(lines) };
}

/** What one program tells. */
class Program {
  readonly suite: string;
  readonly #expected: number;
  readonly #tests: Draft[] = [];
  readonly #blocks = new Map<string, string[]>();
  readonly #failed = new Set<string>();
  #block: string[] | undefined;
  #isListing = false;

  /** What a test has printed follows: whatever it looks like. */
  get isQuoting(): boolean {
    return this.#block !== undefined;
  }

  constructor(suite: string, expected: number) {
    this.suite = suite;
    this.#expected = expected;
  }

  /** @returns undefined if all its tests have been told */
  stopped(line: string, test?: string): Broken | undefined {
    const many = this.#tests.length;
    if (many >= this.#expected) return undefined;
    const where = test === undefined ? '' : `in ${test}, `;
    return {
      line,
      words: `${this.suite === '' ? 'cargo test' : this.suite} stopped ${where}after ${many} of ${plural(this.#expected, 'test')}`,
      hint: endedBy('std::process::exit(0)'),
    };
  }

  line(text: string): void {
    const [told = '', name, word = ''] = TEST.exec(text) ?? [];
    const [, block] = BLOCK.exec(text) ?? [];
    const [, listed] = NAMED.exec(text) ?? [];
    if (block !== undefined) {
      this.#block = [];
      this.#blocks.set(block, this.#block);
    } else if (text === 'failures:' || text === 'successes:') {
      this.#block = undefined;
      this.#isListing = text === 'failures:';
    } else if (this.#block !== undefined) {
      if (this.#block.length < 400) this.#block.push(text);
    } else if (name !== undefined && this.#tests.length < MOST_TESTS) {
      const outcome = OUTCOMES[word] ?? 'failed';
      const message = outcome === 'skipped' ? firstMessage(text.slice(told.length)) : null;
      this.#tests.push(
        draft({ name: name.replace(/ - should panic$/, ''), suite: this.suite, outcome, message }),
      );
    } else if (this.#isListing && listed !== undefined) this.#failed.add(listed);
  }

  /** Undefined if there was no end: those so far. */
  end(told: RegExpExecArray | undefined): Pick<Session, 'cases' | 'counts' | 'isSure'> {
    const quiet = this.#tests.length === 0;
    const failed = [...this.#failed].map((name) => draft({ name, suite: this.suite, outcome: 'failed' }));
    const cases = quiet ? failed : this.#tests;
    for (const test of cases)
      if (test.outcome === 'failed') Object.assign(test, whyInRust(this.#blocks.get(test.name) ?? []));
    const seen = countTests(cases);
    if (told === undefined) return { cases, counts: seen, isSure: true };
    const [passed = 0, bad = 0, skipped = 0, measured = 0] = told.slice(1).map(Number);
    const counts = { passed: passed + measured, failed: bad, skipped };
    const agrees = quiet || (seen.passed === counts.passed && seen.skipped === skipped);
    const isSure = agrees && seen.failed === bad && counts.passed + bad + skipped === this.#expected;
    return { cases, counts, isSure };
  }
}

class Cargo implements TestReader {
  #suite = '';
  #program: Program | undefined;
  #from: number | undefined;
  #to = 0;
  #isSure = true;
  #summary: string | null = null;
  readonly #ended: Pick<Session, 'cases' | 'counts' | 'isSure'>[] = [];
  /** The line that announced the tests of the program, and whether cargo has announced another one since. */
  #begun = '';
  #hasNext = false;
  /** Of the first program that told no result, though the next one did. */
  #broken: Broken | undefined;

  line(text: string, at: number): void {
    if (this.#program?.isQuoting === true) {
      this.#program.line(text);
      return;
    }
    const found = PROGRAM.exec(text);
    const [, expected] = START.exec(text) ?? [];
    const end = END.exec(text);
    if (expected !== undefined) {
      if (this.#program !== undefined) this.#stop(this.#program);
      this.#hasNext = false;
      this.#begun = text;
      this.#program = new Program(this.#suite, Number(expected));
    } else if (end !== null) this.#end(end);
    else if (this.#program !== undefined) this.#program.line(text);
    this.#hasNext ||= found !== null;
    if (found !== null) this.#suite = found[1] ?? found[2] ?? '';
    if (expected === undefined && end === null) return;
    this.#from ??= at;
    this.#to = at;
  }

  /** One that has not ended: it was stopped, if it is cargo that starts the next one, and not a test of it. */
  #stop(program: Program): void {
    const broken = this.#hasNext ? program.stopped(this.#begun) : undefined;
    if (broken === undefined) this.#isSure = false;
    this.#broken ??= broken;
    this.#ended.push(program.end(undefined));
  }

  #end(told: RegExpExecArray): void {
    if (this.#program === undefined) this.#isSure = false;
    else this.#ended.push(this.#program.end(told));
    this.#program = undefined;
    if (Number(told[2]) > 0) this.#summary = told[0].split(';', 2).join(';');
  }

  end(torn: string): Session[] {
    if (this.#from === undefined) return [];
    const [, test] = TORN.exec(torn) ?? [];
    const last = test === undefined ? undefined : this.#program?.stopped(torn.trimEnd(), test);
    const broken = this.#broken ?? last;
    // That a program told no result is certain only if those of others are not left out.
    if (this.#program !== undefined && last === undefined && this.#broken !== undefined) this.#isSure = false;
    const isComplete = this.#program === undefined && broken === undefined;
    const all = this.#program === undefined ? this.#ended : [...this.#ended, this.#program.end(undefined)];
    const sum = (outcome: TestOutcome): number =>
      all.reduce((total, { counts }) => total + counts[outcome], 0);
    return [
      {
        ...{ format: 'cargo', from: this.#from, to: this.#to, isComplete, summary: this.#summary },
        isSure: this.#isSure && all.every(({ isSure }) => isSure),
        counts: { passed: sum('passed'), failed: sum('failed'), skipped: sum('skipped') },
        cases: all.flatMap(({ cases }) => cases),
        ...(broken === undefined ? {} : { broken }),
      },
    ];
  }
}

export const CARGO: KnownRunner = {
  signs: ['test result: ', 'running 1 test\n', ' tests\ntest '],
  read: () => new Cargo(),
};
