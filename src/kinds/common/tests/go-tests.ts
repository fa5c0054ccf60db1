/** What `go test` tells of the tests of a package, as text or as JSON, becomes a session in the same way. */
import { countTests } from '../../../core/test-results.ts';
import { type Draft, draft, firstLines, firstMessage, MOST_TESTS, placeIn, type Session } from './reader.ts';

/** Where a test has logged something: there is nothing else that says why it failed. */
const LOGGED = /^\s*([\w.-]+\.go):(\d{1,9}): (.*)$/;
const MOST_PRINTED = 200;

interface Running {
  readonly name: string;
  outcome: Draft['outcome'] | undefined;
  durationMs: number | null;
  readonly printed: string[];
}

/** What a test is a part of; a part that fails makes that fail too. */
const groupOf = (name: string): string => name.slice(0, Math.max(0, name.lastIndexOf('/')));

/** The tests of one package. */
export class GoPackage {
  readonly #tests = new Map<string, Running>();
  readonly #groups = new Set<string>();
  #isTorn = false;

  get isEmpty(): boolean {
    return this.#tests.size === 0;
  }

  run(name: string): void {
    if (this.#tests.has(name) || this.#tests.size >= MOST_TESTS) this.#isTorn = true;
    this.#tests.set(name, { name, outcome: undefined, durationMs: null, printed: [] });
    this.#groups.add(groupOf(name));
  }

  print(name: string, line: string): void {
    const printed = this.#tests.get(name)?.printed;
    if (printed !== undefined && printed.length < MOST_PRINTED) printed.push(line);
  }

  /** @returns false for a test that was never run: its line was printed by another */
  finish(name: string, outcome: Draft['outcome'], durationMs: number | null): boolean {
    const test = this.#tests.get(name);
    if (test === undefined) return false;
    if (test.outcome !== undefined) this.#isTorn = true;
    test.outcome = outcome;
    test.durationMs = durationMs;
    return true;
  }

  #draft({ name, outcome = 'failed', durationMs, printed }: Running, suite: string): Draft {
    const known = { name, suite, outcome, durationMs, output: firstLines(printed) };
    if (outcome === 'passed') return draft(known);
    const panic = printed.find((line) => line.startsWith('panic: '));
    if (panic !== undefined) return draft({ ...known, message: firstMessage(panic), ...placeIn(printed) });
    const logged = printed.findLast((line) => LOGGED.test(line));
    const [, file = null, line, message] = LOGGED.exec(logged ?? '') ?? [];
    return draft(
      line === undefined ? known : { ...known, file, line: Number(line), message: firstMessage(message) },
    );
  }

  /**
   * A test with parts is a group, and counts only if it failed though none of its parts did.
   *
   * @param outcome of the package; undefined if it did not come to its end
   * @param why in words, the package failed if no test did
   */
  end(
    name: string,
    outcome: 'passed' | 'failed' | undefined,
    why: string,
  ): { readonly cases: Draft[]; readonly isSure: boolean } {
    // A package that crashed leaves tests without an outcome; so do those that run still.
    const ended = [...this.#tests.values()].filter(
      (test) => test.outcome !== undefined || outcome === 'failed',
    );
    const isWhole = outcome !== 'passed' || ended.length === this.#tests.size;
    const failed = ended.filter((test) => test.outcome === 'failed' || test.outcome === undefined);
    const blamed = new Set(failed.map((test) => groupOf(test.name)));
    const counted = ended.filter(
      (test) => !this.#groups.has(test.name) || (test.outcome === 'failed' && !blamed.has(test.name)),
    );
    const cases = counted.map((test) => this.#draft(test, name));
    const hasFailed = cases.some((test) => test.outcome === 'failed');
    if (outcome === 'failed' && !hasFailed)
      cases.push(draft({ name, suite: '', outcome: 'failed', message: why }));
    return { cases, isSure: isWhole && !this.#isTorn && !(outcome === 'passed' && hasFailed) };
  }
}

/** Packages one after the other are one session. */
export class GoSession {
  #from: number | undefined;
  #to = 0;
  #isSure = true;
  readonly #cases: Draft[] = [];
  /** The last line that says how a package ended. */
  summary: string | null = null;

  seen(at: number): void {
    this.#from ??= at;
    this.#to = at;
  }

  add({ cases, isSure }: ReturnType<GoPackage['end']>): void {
    for (const test of cases) this.#cases.push(test);
    this.#isSure &&= isSure && this.#cases.length <= MOST_TESTS;
  }

  /** That there were packages, whose tests are not known. */
  unknown(): Session[] {
    if (this.#from === undefined) return [];
    const range = { format: 'go', from: this.#from, to: this.#to, summary: null } as const;
    return [{ ...range, isComplete: true, isSure: false, counts: countTests([]), cases: [] }];
  }

  sessions(isComplete: boolean): Session[] {
    if (this.#from === undefined || this.#cases.length === 0) return [];
    const { summary } = this;
    const range = { format: 'go', from: this.#from, to: this.#to, summary } as const;
    return [
      { ...range, isComplete, isSure: this.#isSure, counts: countTests(this.#cases), cases: this.#cases },
    ];
  }
}
