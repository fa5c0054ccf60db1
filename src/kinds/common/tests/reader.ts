/** What a reader of a runner's output is, and what it finds. */
import { assertionFact } from '../../../core/assertion-fact.ts';
import { shorten } from '../../../core/shorten.ts';
import type { TestCase, TestCounts, TestFormat } from '../../../core/test-results.ts';

/** A test whose details may come later than its outcome. */
export type Draft = { -readonly [Key in keyof TestCase]: TestCase[Key] };

/** One call of a runner, as far as its output tells. */
export interface Session {
  readonly format: TestFormat;
  /** The numbers of its first and its last line. */
  readonly from: number;
  readonly to: number;
  /** Whether the runner came to its end and said so. */
  readonly isComplete: boolean;
  /** Whether its own summary agrees with its tests. */
  readonly isSure: boolean;
  readonly counts: TestCounts;
  /** In order; not all of them, where the runner does not name all. */
  readonly cases: readonly Draft[];
  /** The line of its summary that tells of failures; null if there is none. */
  readonly summary: string | null;
  /** Why it has failed by its protocol, whatever its tests say: a line of it, and what that means. */
  readonly broken?: Broken;
}

/** It gave up, told fewer tests than it had planned, or was ended in the middle of a test. */
export interface Broken {
  readonly line: string;
  /** What happened, as a sentence without a full stop. */
  readonly words: string;
  /** What may be behind it, unless that is a lost exit code. */
  readonly hint?: string;
}

/** @param how what a test may have done, such as `os._exit(0)` */
export const endedBy = (how: string): string =>
  `something has ended the runner from within, such as \`${how}\` in a test or in what it calls`;

/** Reads the output of one runner. It takes time proportional to the output, whatever that is. */
export interface TestReader {
  /**
   * @param text a line as a terminal shows it
   * @param at its number
   */
  readonly line: (text: string, at: number) => void;
  /**
   * @param torn the last line, if nothing has ended it: whoever cuts output by lines leaves none. Else empty
   * @returns what it has found, in order, once there is no more output
   */
  readonly end: (torn: string) => readonly Session[];
}

/** A runner whose output can be read. */
export interface KnownRunner {
  /** Its output contains one of these: else nobody looks for its tests. */
  readonly signs: readonly string[];
  /** @param cwd where the runner ran, absolute */
  readonly read: (cwd: string) => TestReader;
}

/** More tests than this are not read: output is hostile. */
export const MOST_TESTS = 200_000;
/** And more calls of a runner are taken for one, which then is not certain. */
export const MOST_SESSIONS = 1000;

/** How many lines are kept of what a test printed and why it failed. */
export const MOST_LINES = 20;
const LONGEST_LINE = 300;
/** In how many lines of a failure its two values are looked for. */
const MOST_FACTS = 60;

const cut = (line: string): string => shorten(line, LONGEST_LINE);

/** The first lines that are not blank at the beginning, none of them long; then `…` if there are more. */
export function firstLines(lines: readonly string[]): string[] {
  const from = lines.findIndex((line) => line.trim() !== '');
  if (from === -1) return [];
  const kept = lines.slice(from, from + MOST_LINES).map((line) => cut(line.trimEnd()));
  while (kept.at(-1) === '') kept.pop();
  const isCut = lines.slice(from + MOST_LINES).some((line) => line.trim() !== '');
  return isCut ? [...kept, '…'] : kept;
}

/** A message in one line: the first that says something. */
export function firstMessage(text: string | undefined): string | null {
  const line = text?.split('\n').find((each) => each.trim() !== '');
  return line === undefined ? null : cut(line.trim());
}

/**
 * Why a test failed, in one line: the first that says something, and the two values if they are below it.
 *
 * @param lines what it said as it failed
 */
export function reasonIn(lines: readonly string[]): string | null {
  const at = lines.findIndex((line) => line.trim() !== '');
  if (at === -1) return null;
  const first = (lines[at] ?? '').trim().replace(/^(?:Assertion)?Error(?: \[\w+\])?: /, '');
  const fact = assertionFact(lines.slice(at, at + MOST_FACTS), first);
  return firstMessage(fact === undefined ? first : `${first.replace(/:$/, '')}: ${fact}`);
}

export const draft = (known: Pick<Draft, 'name' | 'suite' | 'outcome'> & Partial<Draft>): Draft => ({
  ...{ durationMs: null, file: null, line: null, message: null, output: [] },
  ...known,
});

/** A place in a source file, where stacks, tracebacks and runners name one. */
const PLACE = /(?:^|[\s("'❯])((?:file:\/\/)?[^\s:()"'<>]+\.[a-zA-Z]\w{0,4})(?:", line |:)(\d{1,9})\b/;
/** Code that nobody who reads the report has written. */
const FOREIGN =
  /(?:^|\/)(?:node_modules|site-packages|dist-packages|internal)\/|^node:|\/lib(?:64)?\/python\d|^\/rustc\/|\/go\/src\//;

/** @param lines that tell of a failure */
export const placesIn = (lines: readonly string[]): Pick<Draft, 'file' | 'line'>[] =>
  lines.flatMap((text) => {
    const [, file, line] = PLACE.exec(text.slice(0, LONGEST_LINE)) ?? [];
    return file === undefined || FOREIGN.test(file)
      ? []
      : [{ file: file.replace(/^file:\/\//, ''), line: Number(line) }];
  });

/**
 * @param lines that tell of a failure
 * @param isLast whether the last place counts, as in a traceback, and not the first
 */
export const placeIn = (lines: readonly string[], isLast = false): Pick<Draft, 'file' | 'line'> | undefined =>
  placesIn(lines).at(isLast ? -1 : 0);
