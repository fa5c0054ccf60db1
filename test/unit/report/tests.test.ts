/** The single tests of components, as each report has them. */
import { describe, expect, test } from 'vitest';
import type { RunEvent } from '../../../src/core/event.ts';
import type { Finding } from '../../../src/core/finding.ts';
import {
  countTests,
  failedTests,
  showCounts,
  type TestCase,
  type TestResults,
} from '../../../src/core/test-results.ts';
import type { Verdict } from '../../../src/core/verdict.ts';
import { detailsOf } from '../../../src/report/details.ts';
import { jsonReport } from '../../../src/report/json.ts';
import { junitReport } from '../../../src/report/junit.ts';
import { begin, EXIT, end, finished, fold, found, started } from './runs.ts';
import { type Element, parseXml } from './xml.ts';

const single = (name: string, outcome: TestCase['outcome'], more: Partial<TestCase> = {}): TestCase => ({
  ...{ name, suite: 'math', outcome, durationMs: 12, file: null, line: null, message: null, output: [] },
  ...more,
});

const FAILURE = single('halves', 'failed', {
  ...{ file: 'test_math.py', line: 14, message: 'assert 3 == 2', output: ['E  assert 3 == 2'] },
});

const results = (cases: readonly TestCase[], more: Partial<TestResults> = {}): TestResults => ({
  ...{ format: 'pytest', from: null, isComplete: true, left: 0, counts: countTests(cases), cases },
  ...more,
});

interface Of {
  readonly tests: TestResults;
  readonly verdict: Verdict;
  readonly findings?: readonly Finding[];
}

const run = ({ tests, verdict, findings = [] }: Of): RunEvent[] => [
  started([{ name: 'unit', kind: 'command' }]),
  ...begin('unit'),
  { type: 'tests-finished', component: 'unit', attempt: 1, tests },
  ...findings.map((finding) => found('unit', finding)),
  end('unit', verdict),
  finished(verdict, verdict === 'passed' ? 0 : 1),
];

/** Of a suite, its sums, and its cases with what became of them. */
function shown(of: Of): { readonly sums: string; readonly cases: readonly string[] } {
  const root = parseXml(junitReport(fold(run(of))));
  const suite = root.children.find(({ attributes }) => attributes.name === 'unit');
  const cases = (suite?.children ?? []).filter(({ name }) => name === 'testcase');
  const outcome = ({ children }: Element): string =>
    children.map(({ name }) => name).find((name) => name !== 'system-out') ?? 'passed';
  const { tests, failures, errors } = root.attributes;
  // Strict readers know no such sum of the whole.
  const { skipped } = suite?.attributes ?? {};
  return {
    sums: `${tests} tests, ${failures} failures, ${errors} errors, ${skipped} skipped`,
    cases: cases.map((each) => `${each.attributes.classname} ${each.attributes.name} ${outcome(each)}`),
  };
}

test('what failed only because of its parts is no failure of its own, if they are told', () => {
  const leaf = single('leaf', 'failed', { suite: 'math › group › deeper' });
  const group = single('group', 'failed', { message: '2 subtests failed' });
  const deeper = single('deeper', 'failed', { suite: 'math › group', message: 'contains 1 failed subtest' });
  const alone = single('alone', 'failed', { message: '1 subtest failed' });
  expect(failedTests([leaf, deeper, group, alone, single('adds', 'passed')])).toEqual([leaf, alone]);
});

test('nothing is called passed where nothing ran', () => {
  expect(showCounts(results([]))).toBe('no test ran');
  expect(showCounts(results([single('adds', 'skipped')]))).toBe('1 skipped');
});

const PASSING = [single('adds', 'passed'), single('<script>', 'skipped', { message: 'not today' })];
const OTHER: Finding = { code: 'leaked-process', message: 'unit left a process', processes: [], count: 1 };

describe('JUnit', () => {
  test('a component whose tests all passed is a suite of these', () => {
    expect(shown({ tests: results(PASSING), verdict: 'passed' })).toEqual({
      sums: '2 tests, 0 failures, 0 errors, 1 skipped',
      cases: ['math adds passed', 'math <script> skipped'],
    });
  });

  test('one that failed because of its tests counts these failures, and none of its own', () => {
    expect(shown({ tests: results([...PASSING, FAILURE]), verdict: 'failed', findings: [EXIT] })).toEqual({
      sums: '3 tests, 1 failures, 0 errors, 1 skipped',
      cases: ['math adds passed', 'math <script> skipped', 'math halves failure'],
    });
  });

  test('one that failed for another reason, or also for another, has a case of its own', () => {
    expect(shown({ tests: results(PASSING), verdict: 'failed', findings: [EXIT] }).cases).toEqual(
      ['integration unit failure', 'math adds passed', 'math <script> skipped'].map((line) =>
        line.replace('integration', 'unit'),
      ),
    );
    const both = shown({ tests: results([FAILURE]), verdict: 'failed', findings: [EXIT, OTHER] });
    expect(both.cases).toEqual(['unit unit failure', 'math halves failure']);
  });

  test('one of whose tests not all are listed has a case of its own as it passes', () => {
    const counts = { passed: 412, failed: 0, skipped: 3 };
    const { cases } = shown({ tests: results([], { counts, left: 415 }), verdict: 'passed' });
    expect(cases).toEqual(['unit unit passed']);
    const failed = shown({ tests: results([FAILURE], { left: 411 }), verdict: 'failed', findings: [EXIT] });
    expect(failed.cases).toEqual(['math halves failure']);
  });

  test('a test that failed in a component that passed makes nobody else fail', () => {
    expect(shown({ tests: results([FAILURE]), verdict: 'passed' }).cases).toEqual(['math halves skipped']);
  });

  test('a failed test has its reason, its place and what it printed', () => {
    const document = junitReport(
      fold(run({ tests: results([FAILURE]), verdict: 'failed', findings: [EXIT] })),
    );
    const [failure] = parseXml(document).children[1]?.children[0]?.children ?? [];
    expect(failure?.attributes.message).toBe('assert 3 == 2');
    expect(failure?.text).toBe('test_math.py:14\nE  assert 3 == 2');
  });

  test('names and output from a component forge nothing', () => {
    const evil = ']]></testcase><testcase name="x"/>\u0000\u001b[31m\u202e\n::error::no\ud800';
    const forged = single(evil, 'failed', {
      suite: evil,
      message: evil,
      output: [evil],
      file: evil,
      line: 1,
    });
    const { cases, sums } = shown({ tests: results([forged]), verdict: 'failed', findings: [EXIT] });
    expect(cases).toHaveLength(1);
    expect(sums).toBe('1 tests, 1 failures, 0 errors, 0 skipped');
  });
});

test('the JSON report has them as they are', () => {
  const tests = results([...PASSING, FAILURE]);
  const report = JSON.parse(jsonReport(fold(run({ tests, verdict: 'passed' }))));
  expect(report.components[0].tests).toEqual(tests);
});

test('their counts stand beside the component', () => {
  const [component] = fold(run({ tests: results(PASSING), verdict: 'passed' })).components;
  expect(component === undefined ? '' : detailsOf(component)).toBe('1 passed, 1 skipped');
});
