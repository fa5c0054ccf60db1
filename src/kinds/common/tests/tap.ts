/**
 * The Test Anything Protocol: `node --test` with its `tap` reporter, tape, tap, bats, prove and many others. Points that are
 * indented are parts of the one that follows them, or of the one before them that ends with a brace.
 */
import { type TapBlock, tapBlock, tapMessage, tapValues } from '../../../core/tap-block.ts';
import { countTests, type TestOutcome } from '../../../core/test-results.ts';
import { plural } from '../../../core/units.ts';
import {
  type Broken,
  type Draft,
  draft,
  firstLines,
  firstMessage,
  type KnownRunner,
  MOST_SESSIONS,
  MOST_TESTS,
  placeIn,
  reasonIn,
  type Session,
  type TestReader,
} from './reader.ts';
import { flatName } from './script-names.ts';

/** Whatever begins otherwise is printed by a test, or tells of the one before. */
const TOLD = /^ *(?:not )?(?:ok\b|1\.\.|# |Bail )/;
const VERSION = /^TAP version 1\d$/;
const POINT = /^( *)(not )?ok\b(?: (\d+))?(?: -)?(?: (.*))?$/;
const PLAN = /^( *)1\.\.(\d+)(?: *#.*)?$/;
/** What node says at its end. */
const COUNT = /^# (tests|suites|pass|fail|cancelled|skipped|todo) (\d+)$/;
const DIRECTIVE = /(?<!\\)# {0,4}(skip|todo)[a-z]{0,5}(?:\s(.*))?$/is;
const TIME = / # time=(\d[\d.]*)(ms|s)$/;
const BAIL = /^Bail out!/;
const MOST_BLOCK = 200;

interface Point {
  readonly test: Draft;
  readonly indent: number;
  /** Whether it consists of others. */
  isGroup: boolean;
  /** Its line, and what follows. */
  readonly block: string[];
}

/** The points of one indentation since the one that they are parts of. */
interface Level {
  points: number;
  plan: number | undefined;
  hasFailed: boolean;
}

const unescaped = (text: string): string => text.replace(/\\([#\\])/g, '$1');

function pointOf([text, spaces = '', not, , rest = '']: RegExpExecArray): Point {
  const isOpen = rest.endsWith(' {');
  const whole = isOpen ? rest.slice(0, -2) : rest;
  const time = TIME.exec(whole);
  const named = time === null ? whole : whole.slice(0, time.index);
  const directive = DIRECTIVE.exec(named);
  const name = unescaped((directive === null ? named : named.slice(0, directive.index)).trim());
  const outcome: TestOutcome = directive !== null ? 'skipped' : not === undefined ? 'passed' : 'failed';
  const durationMs = time === null ? null : Number(time[1]) * (time[2] === 's' ? 1000 : 1);
  const message = firstMessage(directive?.[2]);
  return {
    test: draft({ name, suite: '', outcome, durationMs, message }),
    indent: spaces.length,
    isGroup: isOpen,
    block: [text],
  };
}

const isSuite = (block: TapBlock | undefined): boolean => block?.get('type')?.lines[0] === 'suite';

class TapSession {
  readonly #from: number;
  #to: number;
  readonly #isVersioned: boolean;
  readonly #points: Point[] = [];
  readonly #levels = new Map<number, Level>();
  /** Groups that are named before their parts: by a brace, or by node. */
  readonly #names: { readonly indent: number; readonly name: string }[] = [];
  readonly #counts = new Map<string, number>();
  #open: Point | undefined;
  #isWhole = true;
  /** The line in which it gave up. */
  #bail: string | undefined;
  /** The line of its plan. */
  #planLine: string | undefined;
  #summary: string | null = null;

  constructor(at: number, isVersioned: boolean) {
    this.#from = at;
    this.#to = at;
    this.#isVersioned = isVersioned;
  }

  /** Whether all that was planned has been told, and what follows is another report. */
  get hasEnded(): boolean {
    const top = this.#levels.get(0);
    return top?.plan !== undefined && top.points >= top.plan;
  }

  line(text: string, at: number): void {
    if (!TOLD.test(text)) {
      if (this.#open !== undefined && this.#open.block.length < MOST_BLOCK) this.#open.block.push(text);
      return;
    }
    const point = POINT.exec(text);
    const plan = PLAN.exec(text);
    const [, word, many] = COUNT.exec(text) ?? [];
    const [, spaces = '', name] = /^( *)# Subtest: (.*)$/.exec(text) ?? [];
    if (point !== null) this.#take(pointOf(point));
    else if (plan !== null) this.#plan(plan[1]?.length ?? 0, Number(plan[2]), text);
    else if (word !== undefined) this.#count(word, Number(many), text);
    else if (name !== undefined) this.#name(spaces.length, unescaped(name));
    else if (BAIL.test(text)) this.#bail = text;
    else {
      if (this.#open !== undefined && this.#open.block.length < MOST_BLOCK) this.#open.block.push(text);
      return;
    }
    this.#to = at;
  }

  #count(word: string, many: number, text: string): void {
    this.#counts.set(word, many);
    if (word === 'fail' && many > 0) this.#summary = text;
  }

  #name(indent: number, name: string): void {
    while ((this.#names.at(-1)?.indent ?? -1) >= indent) this.#names.pop();
    this.#names.push({ indent, name });
  }

  #plan(indent: number, planned: number, line: string): void {
    if (indent === 0) this.#planLine ??= line;
    this.#closeBelow(indent);
    const level = this.#level(indent);
    if (level.plan !== undefined) this.#isWhole = false;
    level.plan = planned;
  }

  #level(indent: number): Level {
    const known = this.#levels.get(indent);
    if (known !== undefined) return known;
    const level = { points: 0, plan: undefined, hasFailed: false };
    this.#levels.set(indent, level);
    return level;
  }

  /** The parts that are indented more than this are complete. @returns undefined if there are none */
  #closeBelow(indent: number): { readonly hasFailed: boolean } | undefined {
    let closed: { hasFailed: boolean } | undefined;
    for (const [each, { points, plan, hasFailed }] of this.#levels) {
      if (each <= indent) continue;
      this.#levels.delete(each);
      if (plan !== undefined && plan !== points) this.#isWhole = false;
      closed = { hasFailed: hasFailed || closed?.hasFailed === true };
    }
    return closed;
  }

  #take(point: Point): void {
    const { test, indent } = point;
    const parts = this.#closeBelow(indent);
    while ((this.#names.at(-1)?.indent ?? -1) >= indent) this.#names.pop();
    test.suite = this.#names.map(({ name }) => name).join(' › ');
    const level = this.#level(indent);
    level.points += 1;
    level.hasFailed ||= test.outcome === 'failed';
    // One that fails although none of its parts does has failed by itself.
    if (!point.isGroup && parts !== undefined) point.isGroup = test.outcome !== 'failed' || parts.hasFailed;
    else if (point.isGroup) this.#name(indent, test.name);
    if (this.#points.length < MOST_TESTS) this.#points.push(point);
    else this.#isWhole = false;
    this.#open = point;
  }

  /** What node counts: everything but suites. Others: everything that consists of nothing else. */
  #cases(isNode: boolean): Draft[] {
    return this.#points.flatMap(({ test, isGroup, block: lines, indent }) => {
      const block = tapBlock(['not ok', ...lines.slice(1).map((line) => line.slice(indent))]);
      if (isNode ? isSuite(block) : isGroup) return [];
      this.#detail(test, lines, block);
      if (!isNode && test.suite === '') Object.assign(test, flatName(test.name));
      return test;
    });
  }

  #detail(test: Draft, lines: readonly string[], block: TapBlock | undefined): void {
    const duration = Number(block?.get('duration_ms')?.lines[0] ?? Number.NaN);
    if (Number.isFinite(duration)) test.durationMs = duration;
    if (test.outcome !== 'failed') return;
    const at = block?.get('location') ?? block?.get('at');
    const place = placeIn(at?.lines ?? lines.slice(1));
    Object.assign(test, place);
    test.output = firstLines(
      errorAndStack(block) ?? lines.slice(1).filter((line) => !/^ *(?:---|\.\.\.)$/.test(line)),
    );
    if (block === undefined) return;
    const error = (block.get('error') ?? block.get('message'))?.lines ?? [];
    test.message = tapValues(block) ?? tapMessage(block) ?? nestedMessage(lines) ?? reasonIn(error);
  }

  sessions(): Session[] {
    const top = this.#levels.get(0);
    this.#closeBelow(0);
    const isNode = this.#counts.has('suites');
    const isPlanned = top?.plan !== undefined;
    if (!this.#isVersioned && (!isPlanned || this.#points.length === 0)) return [];
    const broken = this.#broken(top);
    if (this.#points.length === 0 && broken === undefined) return [];
    const cases = this.#cases(isNode);
    const counts = countTests(cases);
    const isComplete = isPlanned && broken === undefined;
    const isSure =
      this.#isWhole && (!isComplete || (top?.plan === top?.points && this.#agrees(isNode, counts)));
    const format = isNode ? 'node' : 'tap';
    const failed = this.#points.find(({ test }) => test.outcome === 'failed')?.block[0] ?? null;
    const summary = this.#summary ?? failed;
    const session = {
      format,
      from: this.#from,
      to: this.#to,
      isComplete,
      isSure,
      counts,
      cases,
      summary,
    } as const;
    return [broken === undefined ? session : { ...session, broken }];
  }

  /** By the protocol a bail-out, and fewer tests than were planned, are failures. */
  #broken(top: Level | undefined): Broken | undefined {
    if (this.#bail !== undefined) return { line: this.#bail, words: 'its tests bailed out' };
    if (top?.plan === undefined || top.points >= top.plan || this.#planLine === undefined) return undefined;
    return {
      line: this.#planLine,
      words: `${plural(top.plan, 'test')} were planned, and ${top.points === 0 ? 'none' : top.points} told`,
    };
  }

  #agrees(isNode: boolean, { passed, failed, skipped }: Session['counts']): boolean {
    const told = (word: string): number => this.#counts.get(word) ?? 0;
    if (!isNode) return true;
    return (
      passed === told('pass') &&
      failed === told('fail') + told('cancelled') &&
      skipped === told('skipped') + told('todo')
    );
  }
}

/** What people look for in a block; undefined if it is not there. */
function errorAndStack(block: TapBlock | undefined): readonly string[] | undefined {
  const error = block?.get('error')?.lines ?? [];
  const stack = block?.get('stack')?.lines ?? [];
  return error.some((line) => line.trim() !== '') ? [...error, ...stack] : undefined;
}

/** Vitest puts the message one level deeper. */
function nestedMessage(lines: readonly string[]): string | null {
  const line = lines.find((each) => /^ *message: /.test(each));
  return firstMessage(line?.replace(/^ *message: "?/, '').replace(/"$/, ''));
}

function read(): TestReader {
  const sessions: TapSession[] = [];
  return {
    line: (text, at) => {
      const last = sessions.at(-1);
      const isVersion = VERSION.test(text);
      const isStart = /^(?:not )?ok 1\b/.test(text) || /^1\.\.\d+/.test(text);
      if (
        sessions.length < MOST_SESSIONS &&
        (isVersion || (isStart && (last === undefined || last.hasEnded)))
      )
        sessions.push(new TapSession(at, isVersion));
      if (!isVersion) sessions.at(-1)?.line(text, at);
    },
    end: () => sessions.flatMap((session) => session.sessions()),
  };
}

export const TAP: KnownRunner = { signs: ['TAP version 1', '\n1..'], read };
