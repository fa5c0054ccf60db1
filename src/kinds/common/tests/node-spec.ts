/** `node --test` as it writes for people. It tells the number of tests and of suites, but not which group is which. */
import { countTests, type TestOutcome } from '../../../core/test-results.ts';
import {
  type Draft,
  draft,
  firstLines,
  firstMessage,
  type KnownRunner,
  MOST_SESSIONS,
  MOST_TESTS,
  reasonIn,
  type Session,
  type TestReader,
} from './reader.ts';

const MARK = /^( *)([✔✖﹣⚠▶]) (.*)$/;
const TIME = / \((\d[\d.]*)ms\)(?: # (.*))?$/s;
const COUNT = /^ℹ (tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) (\d[\d.]*)$/;
const ORDER = ['tests', 'suites', 'pass', 'fail', 'cancelled', 'skipped', 'todo', 'duration_ms'];
const PLACE = /^test at (.+):(\d{1,9}):\d{1,9}$/;
const INDENTED = /^ {2}(.*)$/;
const OUTCOMES: Readonly<Record<string, TestOutcome>> = {
  '✔': 'passed',
  '✖': 'failed',
  '﹣': 'skipped',
  '⚠': 'skipped',
};

interface Entry {
  readonly test: Draft;
  readonly title: string;
  readonly isGroup: boolean;
}

class SpecSession {
  #from: number | undefined;
  #to = 0;
  readonly #entries: Entry[] = [];
  /** The groups that have begun and not ended, outermost first. */
  readonly #open: { readonly indent: number; readonly name: string }[] = [];
  /** A name with line breaks, whose end follows. */
  #begun: { readonly indent: number; readonly mark: string; name: string } | undefined;
  readonly #told: number[] = [];
  readonly #failed = new Map<string, Draft[]>();
  #place: Pick<Draft, 'file' | 'line'> | undefined;
  #detailed: { readonly test: Draft; readonly lines: string[] } | undefined;

  get hasEnded(): boolean {
    return this.#told.length === ORDER.length;
  }

  line(text: string, at: number): void {
    if (this.hasEnded) {
      this.#detail(text);
      return;
    }
    const [, word = '', number] = COUNT.exec(text) ?? [];
    // What a test prints may look like the beginning of the summary.
    if (word !== ORDER[this.#told.length]) this.#told.length = 0;
    if (number !== undefined && word === ORDER[this.#told.length]) {
      this.#told.push(Number(number));
      this.#to = at;
      return;
    }
    const [, spaces = '', mark, rest = ''] = MARK.exec(text) ?? [];
    if (mark !== undefined) {
      this.#from ??= at;
      this.#begun = undefined;
      this.#take(spaces.length, mark, rest);
    } else if (this.#begun !== undefined)
      this.#take(this.#begun.indent, this.#begun.mark, `${this.#begun.name}\n${text}`);
  }

  #take(indent: number, mark: string, rest: string): void {
    const time = TIME.exec(rest);
    if (time === null) {
      if (mark === '▶') this.#openGroup(indent, rest);
      else if (rest.split('\n').length < 20) this.#begun = { indent, mark, name: rest };
      return;
    }
    this.#begun = undefined;
    const name = rest.slice(0, time.index);
    const group = this.#closeGroup(indent, name);
    const known = {
      name,
      suite: this.#open.map((each) => each.name).join(' › '),
      durationMs: Number(time[1]),
    };
    const outcome =
      mark === '▶' ? 'passed' : time[2] === undefined ? (OUTCOMES[mark] ?? 'failed') : 'skipped';
    const message = outcome === 'skipped' ? firstMessage(time[2]) : null;
    const entry = { test: draft({ ...known, outcome, message }), title: rest, isGroup: group };
    if (this.#entries.length < MOST_TESTS) this.#entries.push(entry);
    if (group || outcome !== 'failed') return;
    const alike = this.#failed.get(rest);
    if (alike === undefined) this.#failed.set(rest, [entry.test]);
    else alike.push(entry.test);
  }

  #openGroup(indent: number, name: string): void {
    while ((this.#open.at(-1)?.indent ?? -1) >= indent) this.#open.pop();
    this.#open.push({ indent, name });
  }

  #closeGroup(indent: number, name: string): boolean {
    while ((this.#open.at(-1)?.indent ?? -1) > indent) this.#open.pop();
    const last = this.#open.at(-1);
    if (last?.indent !== indent) return false;
    this.#open.pop();
    return last.name === name;
  }

  /** Below the summary, the failed tests are told once more, with the reason. */
  #detail(text: string): void {
    const [, file, line] = PLACE.exec(text) ?? [];
    const [, spaces, mark, title = ''] = MARK.exec(text) ?? [];
    const [, indented] = INDENTED.exec(text) ?? [];
    if (file !== undefined) this.#place = { file, line: Number(line) };
    else if (mark !== undefined && spaces === '') {
      this.#finishDetail();
      const test = this.#failed.get(title)?.shift();
      if (test !== undefined) this.#detailed = { test: Object.assign(test, this.#place), lines: [] };
      this.#place = undefined;
    } else if (indented !== undefined && this.#detailed !== undefined && this.#detailed.lines.length < 100)
      this.#detailed.lines.push(indented);
  }

  #finishDetail(): void {
    if (this.#detailed === undefined) return;
    const { test, lines } = this.#detailed;
    test.message = reasonIn(lines);
    test.output = firstLines(lines);
    this.#detailed = undefined;
  }

  sessions(): Session[] {
    this.#finishDetail();
    if (this.#from === undefined || !this.hasEnded) return [];
    const [tests = 0, suites = 0, pass = 0, fail = 0, cancelled = 0, skip = 0, todo = 0] = this.#told;
    const cases = this.#entries.filter(({ isGroup }) => !isGroup).map(({ test }) => test);
    const seen = countTests(cases);
    const counts = { passed: pass, failed: fail + cancelled, skipped: skip + todo };
    const isSure =
      this.#entries.length === tests + suites &&
      pass + fail + cancelled + skip + todo === tests &&
      seen.passed <= counts.passed &&
      seen.failed <= counts.failed &&
      seen.skipped <= counts.skipped;
    const summary = counts.failed > 0 ? `ℹ fail ${fail}` : null;
    return [
      { format: 'node', from: this.#from, to: this.#to, isComplete: true, isSure, counts, cases, summary },
    ];
  }
}

function read(): TestReader {
  const sessions = [new SpecSession()];
  return {
    line: (text, at) => {
      const last = sessions.at(-1);
      // After its end only the failed tests are told again, each below its place.
      if (last?.hasEnded === true && sessions.length < MOST_SESSIONS && /^(?:▶ |✔ )/.test(text))
        sessions.push(new SpecSession());
      sessions.at(-1)?.line(text, at);
    },
    end: () => sessions.flatMap((session) => session.sessions()),
  };
}

export const NODE_SPEC: KnownRunner = { signs: ['ℹ tests '], read };
