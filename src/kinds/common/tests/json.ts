/** Vitest and Jest with their report as JSON, which is one line. */
import { countTests, type TestOutcome } from '../../../core/test-results.ts';
import {
  type Draft,
  draft,
  firstLines,
  type KnownRunner,
  MOST_SESSIONS,
  MOST_TESTS,
  placeIn,
  reasonIn,
  type Session,
} from './reader.ts';

const START = /^\{"num(?:Total|Failed)TestSuites":/;

type Fields = Readonly<Record<string, unknown>>;
const fieldsOf = (value: unknown): Fields =>
  typeof value === 'object' && value !== null ? (value as Fields) : {};
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const textsOf = (value: unknown): string[] => listOf(value).filter((each) => typeof each === 'string');
const numberOf = (value: unknown): number | null =>
  typeof value === 'number' && Number.isFinite(value) ? value : null;
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/** Jest puts a heading above. */
const reasonOf = (lines: readonly string[]): string | null =>
  reasonIn(lines.filter((line) => !line.startsWith('●')));

function testOf(value: unknown, file: string): Draft {
  const test = fieldsOf(value);
  const status = textOf(test.status);
  const outcome: TestOutcome = status === 'passed' || status === 'failed' ? status : 'skipped';
  const lines = textsOf(test.failureMessages).flatMap((message) => message.split('\n'));
  const suite = textsOf(test.ancestorTitles).filter((title) => title !== '');
  const known = { name: textOf(test.title), suite: suite.join(' › '), outcome, file };
  if (outcome !== 'failed') return draft({ ...known, durationMs: numberOf(test.duration) });
  const message = reasonOf(lines);
  return draft({
    ...known,
    durationMs: numberOf(test.duration),
    message,
    output: firstLines(lines),
    ...placeIn(lines),
  });
}

/** The tests of a file; one that could not be loaded is told as a test that failed. */
function testsOf(value: unknown): { readonly tests: Draft[]; readonly unloaded: Draft[] } {
  const file = fieldsOf(value);
  const name = textOf(file.name);
  const tests = listOf(file.assertionResults).map((each) => testOf(each, name));
  if (tests.length > 0 || file.status !== 'failed') return { tests, unloaded: [] };
  const lines = textOf(file.message)
    .split('\n')
    .map((line) => line.trimStart());
  const why = {
    message: reasonOf(lines),
    output: firstLines(lines),
    file: name,
    ...placeIn(lines),
  };
  return { tests, unloaded: [draft({ name, suite: '', outcome: 'failed', ...why })] };
}

function sessionOf(text: string, at: number): Session | undefined {
  let report: Fields;
  try {
    report = fieldsOf(JSON.parse(text));
  } catch {
    return undefined;
  }
  const files = listOf(report.testResults).map(testsOf);
  const tests = files.flatMap((file) => file.tests);
  const seen = countTests(tests);
  const told = (of: string): number => numberOf(report[`num${of}Tests`]) ?? 0;
  const cases = [...tests, ...files.flatMap(({ unloaded }) => unloaded)];
  const counts = countTests(cases);
  const isSure =
    cases.length <= MOST_TESTS &&
    told('Passed') === seen.passed &&
    told('Failed') === seen.failed &&
    told('Pending') + told('Todo') === seen.skipped &&
    told('Total') === tests.length;
  const format = 'numRuntimeErrorTestSuites' in report ? 'jest' : 'vitest';
  const summary = counts.failed > 0 ? `"numFailedTests":${told('Failed')}` : null;
  return { format, from: at, to: at, isComplete: true, isSure, counts, cases, summary };
}

export const JSON_REPORT: KnownRunner = {
  signs: ['{"numTotalTestSuites":', '{"numFailedTestSuites":'],
  read: () => {
    const sessions: Session[] = [];
    return {
      line: (text, at) => {
        const session =
          START.test(text) && sessions.length <= MOST_SESSIONS ? sessionOf(text, at) : undefined;
        if (session !== undefined) sessions.push(session);
      },
      end: () => sessions,
    };
  },
};
