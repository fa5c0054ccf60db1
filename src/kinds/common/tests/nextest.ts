/** `cargo nextest run`. */
import { countTests } from '../../../core/test-results.ts';
import { whyInRust } from './cargo.ts';
import {
  type Draft,
  draft,
  type KnownRunner,
  MOST_SESSIONS,
  MOST_TESTS,
  type Session,
  type TestReader,
} from './reader.ts';

const START = /^ Nextest run ID \S+ with nextest profile: /;
const TEST = /^ +(?:TRY \d+ )?([A-Z]+(?:-[A-Z]+)?) \[ *>?(\d[\d.]*)s\] (?:\([^)]*\) )?(\S+) (.+)$/;
const SUMMARY = /^ +Summary \[ *\d[\d.]*s\] (\d+)(?:\/\d+)? tests? run: (.*)$/;
const PARTS = /\b(\d{1,9}) (passed|failed|timed out|exec failed|skipped)\b/g;
const INDENTED = /^ {4}(.*)$/;
/** Any other word is a failure: FAIL, TIMEOUT, ABORT, a signal. */
const PASSES = new Set(['PASS', 'LEAK', 'FLAKY']);
/** What is said of a test while it runs. */
const NO_END = new Set(['START', 'SLOW', 'SETUP', 'RETRY', 'DELAY', 'TERMINATING', 'KILLING']);
const MOST_PRINTED = 400;

class NextestSession {
  readonly #from: number;
  #to: number;
  readonly #tests = new Map<string, Draft>();
  readonly #printed = new Map<Draft, string[]>();
  #last: Draft | undefined;
  #isTorn = false;
  #summary: RegExpExecArray | undefined;

  constructor(at: number) {
    this.#from = at;
    this.#to = at;
  }

  tear(): void {
    this.#isTorn ||= this.#summary === undefined;
  }

  line(text: string, at: number): void {
    if (this.#summary !== undefined) return;
    const summary = SUMMARY.exec(text);
    const [, word, seconds, suite, name] = TEST.exec(text) ?? [];
    if (summary !== null) this.#summary = summary;
    else if (word !== undefined && suite !== undefined && name !== undefined) {
      if (NO_END.has(word) || this.#tests.size >= MOST_TESTS) return;
      const outcome = word === 'SKIP' ? 'skipped' : PASSES.has(word) ? 'passed' : 'failed';
      this.#last = draft({ name, suite, outcome, durationMs: Number(seconds) * 1000 });
      // One that is tried again has the outcome of its last try.
      this.#tests.set(`${suite} ${name}`, this.#last);
    } else {
      const [, printed] = INDENTED.exec(text) ?? [];
      if (printed !== undefined && this.#last?.outcome === 'failed') this.#print(this.#last, printed);
      return;
    }
    this.#to = at;
  }

  #print(test: Draft, line: string): void {
    const lines = this.#printed.get(test) ?? [];
    if (lines.length < MOST_PRINTED) lines.push(line);
    this.#printed.set(test, lines);
  }

  session(): Session {
    const cases = [...this.#tests.values()];
    for (const test of cases)
      if (test.outcome === 'failed') Object.assign(test, whyInRust(this.#printed.get(test) ?? []));
    const seen = countTests(cases);
    const range = { format: 'nextest', from: this.#from, to: this.#to, cases } as const;
    if (this.#summary === undefined)
      return { ...range, isComplete: false, isSure: !this.#isTorn, counts: seen, summary: null };
    const told = new Map(
      [...(this.#summary[2] ?? '').matchAll(PARTS)].map(([, many, word = '']) => [word, Number(many)]),
    );
    const of = (word: string): number => told.get(word) ?? 0;
    const counts = {
      passed: of('passed'),
      failed: of('failed') + of('timed out') + of('exec failed'),
      skipped: of('skipped'),
    };
    const isSure =
      !this.#isTorn &&
      seen.passed === counts.passed &&
      seen.failed === counts.failed &&
      counts.passed + counts.failed === Number(this.#summary[1]);
    return { ...range, isComplete: true, isSure, counts, summary: this.#summary[2] ?? null };
  }
}

function read(): TestReader {
  const sessions: NextestSession[] = [];
  return {
    line: (text, at) => {
      if (START.test(text) && sessions.length < MOST_SESSIONS) {
        sessions.at(-1)?.tear();
        sessions.push(new NextestSession(at));
      } else sessions.at(-1)?.line(text, at);
    },
    end: () => sessions.map((session) => session.session()),
  };
}

export const NEXTEST: KnownRunner = { signs: ['Nextest run'], read };
