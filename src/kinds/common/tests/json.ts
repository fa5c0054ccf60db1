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
import { fileBelow, jestName, pathsOf, vitestName } from './script-names.ts';

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

interface ReportedFile {
  /** As the report has it: absolute. */
  readonly path: string;
  /** As tests of it are named. */
  readonly name: string;
  readonly isJest: boolean;
}

function testOf(value: unknown, { path: file, name, isJest }: ReportedFile): Draft {
  const test = fieldsOf(value);
  const status = textOf(test.status);
  const outcome: TestOutcome = status === 'passed' || status === 'failed' ? status : 'skipped';
  const lines = textsOf(test.failureMessages).flatMap((message) => message.split('\n'));
  const titles = [...textsOf(test.ancestorTitles), textOf(test.title)];
  const known = { ...(isJest ? jestName(titles) : vitestName(name, titles)), outcome, file };
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
function testsOf(
  value: unknown,
  folders: readonly string[],
  isJest: boolean,
): { readonly tests: Draft[]; readonly unloaded: Draft[] } {
  const file = fieldsOf(value);
  const path = textOf(file.name);
  const name = fileBelow(folders, path);
  const tests = listOf(file.assertionResults).map((each) => testOf(each, { path, name, isJest }));
  if (tests.length > 0 || file.status !== 'failed') return { tests, unloaded: [] };
  const lines = textOf(file.message)
    .split('\n')
    .map((line) => line.trimStart());
  const why = {
    message: reasonOf(lines),
    output: firstLines(lines),
    file: path,
    ...placeIn(lines),
  };
  return { tests, unloaded: [draft({ name, suite: '', outcome: 'failed', ...why })] };
}

function sessionOf(text: string, at: number, folders: readonly string[]): Session | undefined {
  let report: Fields;
  try {
    report = fieldsOf(JSON.parse(text));
  } catch {
    return undefined;
  }
  const format = 'numRuntimeErrorTestSuites' in report ? 'jest' : 'vitest';
  const files = listOf(report.testResults).map((file) => testsOf(file, folders, format === 'jest'));
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
  const summary = counts.failed > 0 ? `"numFailedTests":${told('Failed')}` : null;
  return { format, from: at, to: at, isComplete: true, isSure, counts, cases, summary };
}

export const JSON_REPORT: KnownRunner = {
  signs: ['{"numTotalTestSuites":', '{"numFailedTestSuites":'],
  read: (cwd) => {
    const folders = pathsOf(cwd);
    const sessions: Session[] = [];
    return {
      line: (text, at) => {
        const session =
          START.test(text) && sessions.length <= MOST_SESSIONS ? sessionOf(text, at, folders) : undefined;
        if (session !== undefined) sessions.push(session);
      },
      end: () => sessions,
    };
  },
};
