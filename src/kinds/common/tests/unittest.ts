/** Python's unittest, and what builds on it. With `-v` every test has a line; without it those that failed have a block. */
import { countTests } from '../../../core/test-results.ts';
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

/** `test_adds (test_math.Math.test_adds)`; before Python 3.11 without the method in brackets. */
const TEST = /^ *(\w+) \(([\w.<>]+)\)(?: (?:\(|\[).*)?$/;
const RESULT = /^(.*) \.\.\. (ok|FAIL|ERROR|expected failure|unexpected success|skipped (?:'.*'|".*"))$/;
/** One that has begun, and has no result. */
const TORN = /^(.*) \.\.\. $/;
const BLOCK = /^(FAIL|ERROR|UNEXPECTED SUCCESS): (\w+) \(([\w.<>]+)\)/;
const RAN = /^Ran (\d+) tests? in \d[\d.]*s$/;
const END = /^(?:OK|FAILED|NO TESTS RAN)(?: \((.*)\))?$/;
const RULE = /^(?:={70}|-{70})$/;

interface Told {
  readonly name: string;
  readonly path: string;
  readonly result: string;
}

interface Block {
  readonly id: string;
  readonly kind: string;
  readonly name: string;
  readonly path: string;
  readonly lines: string[];
}

/** The class or module, with or without the method. */
const suiteOf = (name: string, path: string): string =>
  path.endsWith(`.${name}`) ? path.slice(0, -name.length - 1) : path;
const idOf = (name: string, path: string): string => `${suiteOf(name, path)}.${name}`;

/** Of a class or a module, and not of a test. */
const isFixture = (name: string): boolean => /^(?:setUp|tearDown)(?:Class|Module)$/.test(name);

class UnittestSession {
  #from: number | undefined;
  #to = 0;
  readonly #told: Told[] = [];
  readonly #blocks: Block[] = [];
  #block: Block | undefined;
  /** A test whose first line of documentation follows. */
  #documented: { readonly name: string; readonly path: string } | undefined;
  #ran: number | undefined;
  #end: ReadonlyMap<string, number> | undefined;
  #summary: string | null = null;

  get hasEnded(): boolean {
    return this.#end !== undefined;
  }

  line(text: string, at: number): void {
    if (this.#ran !== undefined) {
      this.#result(text, at);
      return;
    }
    const [, ran] = RAN.exec(text) ?? [];
    const [, kind, name, path] = BLOCK.exec(text) ?? [];
    if (ran !== undefined) {
      this.#seen(at);
      this.#ran = Number(ran);
    } else if (kind !== undefined && name !== undefined && path !== undefined) {
      this.#seen(at);
      this.#block = { kind, name, path, id: idOf(name, path), lines: [] };
      if (this.#blocks.length < MOST_TESTS) this.#blocks.push(this.#block);
    } else if (this.#block !== undefined) {
      if (this.#block.lines.length < 400 && !RULE.test(text)) this.#block.lines.push(text);
    } else this.#verbose(text, at);
  }

  #seen(at: number): void {
    this.#from ??= at;
    this.#to = at;
  }

  #verbose(text: string, at: number): void {
    if (TORN.test(text)) return;
    const [, head = '', result] = RESULT.exec(text) ?? [];
    const [, name, path] = TEST.exec(result === undefined ? text : head) ?? [];
    const test = name !== undefined && path !== undefined ? { name, path } : this.#documented;
    this.#documented =
      result === undefined && name !== undefined && path !== undefined ? { name, path } : undefined;
    if (result === undefined || test === undefined || this.#told.length >= MOST_TESTS) return;
    this.#seen(at);
    this.#told.push({ ...test, result });
  }

  #result(text: string, at: number): void {
    const found = END.exec(text);
    if (found === null || this.#end !== undefined) return;
    this.#to = at;
    this.#summary = text;
    this.#end = new Map(
      (found[1] ?? '').split(', ').flatMap((part) => {
        const [, word, many] = /^([a-z ]+)=(\d+)$/.exec(part) ?? [];
        return word === undefined ? [] : [[word, Number(many)] as const];
      }),
    );
  }

  /** Those that failed, each once, however many of its parts did. */
  #failed(): Map<string, Draft> {
    const failed = new Map<string, Draft>();
    for (const { id, name, path, lines } of this.#blocks) {
      if (failed.has(id)) continue;
      const trace = lines.findIndex((line) => line.startsWith('Traceback '));
      const error = lines.slice(trace + 1).find((line) => /^\S/.test(line));
      const test = draft({
        name,
        suite: suiteOf(name, path),
        outcome: 'failed',
        message: firstMessage(error),
        output: firstLines(lines),
      });
      failed.set(id, Object.assign(test, placeIn(lines, true)));
    }
    return failed;
  }

  #verboseCases(failed: ReadonlyMap<string, Draft>): Draft[] {
    const taken = new Set<string>();
    const cases = this.#told.flatMap(({ name, path, result }) => {
      const id = idOf(name, path);
      const outcome =
        result === 'ok'
          ? 'passed'
          : result.startsWith('skipped') || result === 'expected failure'
            ? 'skipped'
            : 'failed';
      if (outcome === 'failed' && taken.has(id)) return [];
      taken.add(id);
      const message = result.startsWith('skipped ') ? result.slice(9, -1) : null;
      return failed.get(id) ?? draft({ name, suite: suiteOf(name, path), outcome, message });
    });
    return [...cases, ...[...failed].flatMap(([id, test]) => (taken.has(id) ? [] : test))];
  }

  /** @param torn the last line of the output, if nothing has ended it */
  #broken(torn: string): Broken | undefined {
    const [, head = ''] = TORN.exec(torn) ?? [];
    const [, name, path] = TEST.exec(head) ?? [];
    const test = name !== undefined && path !== undefined ? { name, path } : this.#documented;
    if (head === '' || test === undefined) return undefined;
    return {
      line: torn.trimEnd(),
      words: `unittest stopped in ${idOf(test.name, test.path)}, after ${plural(this.#told.length, 'test')}`,
      hint: endedBy('os._exit(0)'),
    };
  }

  session(torn: string): Session[] {
    if (this.#from === undefined) return [];
    const failed = this.#failed();
    const all = this.#verboseCases(failed);
    const range = { format: 'unittest', from: this.#from, to: this.#to, summary: this.#summary } as const;
    if (this.#ran === undefined || this.#end === undefined) {
      if (this.#told.length === 0) return [];
      const broken = this.#broken(torn);
      const so = { ...range, isComplete: false, isSure: true, counts: countTests(all), cases: all };
      return [broken === undefined ? so : { ...so, broken }];
    }
    const told = (word: string): number => this.#end?.get(word) ?? 0;
    const skipped = told('skipped') + told('expected failures');
    const blocks = (kind: string): number => this.#blocks.filter((block) => block.kind === kind).length;
    const outside = [...failed.values()].filter(({ name }) => isFixture(name)).length;
    const unexpected = told('unexpected successes');
    const passed =
      this.#ran - skipped - (failed.size - outside) - (blocks('UNEXPECTED SUCCESS') > 0 ? 0 : unexpected);
    const counts = { passed, skipped, failed: this.#ran - skipped - passed + outside };
    const isSure =
      passed >= 0 &&
      blocks('FAIL') === told('failures') &&
      blocks('ERROR') === told('errors') &&
      (this.#told.length === 0 || countTests(all).passed === passed);
    return [{ ...range, isComplete: true, isSure, counts, cases: all }];
  }
}

function read(): TestReader {
  const sessions: UnittestSession[] = [new UnittestSession()];
  return {
    line: (text, at) => {
      const last = sessions.at(-1);
      if (last?.hasEnded === true && sessions.length < MOST_SESSIONS) sessions.push(new UnittestSession());
      sessions.at(-1)?.line(text, at);
    },
    end: (torn) => sessions.flatMap((session) => session.session(session === sessions.at(-1) ? torn : '')),
  };
}

export const UNITTEST: KnownRunner = {
  signs: [' tests in ', ' test in ', ' ... ok\n', ' ... FAIL\n', ' ... ERROR\n', ' ... skipped '],
  read,
};
