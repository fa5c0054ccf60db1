import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import type { Finding } from '../../../src/core/finding.ts';
import { OutputScanner } from '../../../src/process/output/scanner.ts';
import { RUNNERS } from '../../../src/process/output/test-runners.ts';
import { TEST_RUNS, withoutTests } from '../../../src/process/output/test-runs.ts';
import { linePattern } from '../../../src/text/bounded-pattern.ts';

const FOLDER = resolve(import.meta.dirname, '../../fixtures/test-runs');

/** What the runner printed when it was called so. */
const printed = (name: string): string => readFileSync(join(FOLDER, `${name}.txt`), 'utf8');

function findingsOf(text: string, allow: readonly string[] = []): Finding[] {
  const patterns = allow.map((each) => linePattern({ type: 'text', text: each }));
  const scanner = new OutputScanner(TEST_RUNS, patterns);
  // In pieces, as output comes.
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += 97) scanner.push(bytes.subarray(at, at + 97));
  scanner.end();
  return withoutTests(scanner, { name: 'test' });
}

const judged = (text: string, allow: readonly string[] = []): string[] =>
  findingsOf(text, allow).map(({ code }) => code);

/** Output of the real runners, of the versions of November 2026. */
const EMPTY = {
  'node --test': ['node-none', 'node-none-spec', 'tape-none'],
  'go test': ['go-no-test-files', 'go-none-match', 'go-none-match-v', 'go-empty-file'],
  'cargo test': ['cargo-none', 'cargo-none-q', 'cargo-filtered'],
  unittest: ['unittest-none', 'nose2-none'],
  pytest: ['pytest-none', 'pytest-none-q', 'pytest-deselected'],
  mocha: ['mocha-none'],
  jest: ['jest-none'],
  vitest: ['vitest-none'],
  AVA: ['ava-none'],
  tap: ['tap-none'],
  Jasmine: ['jasmine-none'],
  uvu: ['uvu-none'],
  CTest: ['ctest-none', 'ctest-none-cfg', 'ctest-nomatch'],
  'Maven Surefire': ['surefire-none'],
} as const;

const FULL = {
  'node --test': ['node-some', 'node-some-spec', 'tape-some'],
  'go test': [
    'go-mixed',
    'go-mixed-v',
    'go-some-skipped-v',
    // A benchmark ran, and another package's tests that were not told one by one.
    'go-skipped-bench-v',
    'go-skipped-other',
  ],
  // A crate without tests of its own beside one that brings its runner along (`harness = false`).
  'cargo test': ['cargo-some', 'cargo-own-runner', 'cargo-own-runner-v'],
  unittest: [
    'unittest-some',
    'unittest-one-v',
    'unittest-some-skipped',
    'unittest-expected-failure',
    // One test passed, and another skipped three parts of itself.
    'unittest-parts',
    'unittest-parts-v',
    // 49 parts of a test ran, and one was skipped.
    'unittest-subtests',
    'unittest-subtests-v',
    // Without -v it cannot be told from the like.
    'unittest-skipped',
  ],
  pytest: ['pytest-some', 'pytest-some-q', 'pytest-subtests-q'],
  mocha: ['mocha-some'],
  jest: ['jest-some'],
  vitest: ['vitest-some'],
  AVA: ['ava-some'],
  tap: ['tap-some'],
  Jasmine: ['jasmine-some'],
  uvu: ['uvu-some'],
  // The last of many tests were skipped.
  CTest: ['ctest-some', 'ctest-some-skipped', 'ctest-many-some-skipped'],
} as const;

/** Where all tests were skipped: nothing ran. */
const SKIPPED = [
  'node-none-match',
  'node-skipped',
  'node-skipped-spec',
  'go-skipped-v',
  'go-skipped-cover',
  'cargo-skipped',
  'unittest-skipped-v',
  'unittest-skipped-class',
  'pytest-skipped',
  'pytest-skipped-q',
  'vitest-skipped',
  'ctest-skipped',
  'ctest-skipped-many',
  'ctest-disabled',
  'ctest-skipped-disabled',
];

/** As above, of those that were not at hand: by their documentation. */
const SKIPPED_LINES: Readonly<Record<string, { none: string; some: string }>> = {
  pytest: {
    none: '= 2 skipped, 3 deselected, 1 warning in 0.02s =',
    some: '= 1 passed, 2 skipped, 1 warning in 0.02s =',
  },
  mocha: { none: '  0 passing (1ms)\n  4 pending', some: '  1 passing (1ms)\n  4 pending' },
  jest: {
    none: 'Tests:       2 skipped, 1 todo, 3 total',
    some: 'Tests:       1 skipped, 1 passed, 2 total',
  },
  AVA: { none: '  2 tests skipped', some: '  1 test passed\n  2 tests skipped' },
  tap: { none: '# { total: 2, skip: 2 }', some: '# { total: 3, pass: 1, skip: 2 }' },
  Jasmine: { none: '2 specs, 0 failures, 2 pending specs', some: '2 specs, 0 failures, 1 pending spec' },
  uvu: {
    none: '  Total:     2\n  Passed:    0\n  Skipped:   2',
    some: '  Total:     2\n  Passed:    1\n  Skipped:   1',
  },
  'Maven Surefire': {
    none: '[WARNING] Tests run: 2, Failures: 0, Errors: 0, Skipped: 2',
    some: '[WARNING] Tests run: 12, Failures: 0, Errors: 0, Skipped: 1',
  },
  RSpec: { none: '2 examples, 0 failures, 2 pending', some: '22 examples, 0 failures, 2 pending' },
  PHPUnit: { none: 'Tests: 2, Assertions: 0, Skipped: 2.', some: 'Tests: 2, Assertions: 1, Skipped: 1.' },
  GoogleTest: {
    none: '[==========] Running 1 test from 1 test suite.\n[  PASSED  ] 0 tests.\n[  SKIPPED ] 1 test, listed below:',
    some: '[==========] Running 2 tests from 1 test suite.\n[  PASSED  ] 1 test.\n[  SKIPPED ] 1 test, listed below:',
  },
  Catch2: { none: 'test cases: 2 | 2 skipped', some: 'test cases: 2 | 1 passed | 1 skipped' },
  'deno test': {
    none: 'ok | 0 passed | 0 failed | 2 ignored (3ms)',
    some: 'ok | 1 passed | 0 failed | 2 ignored (3ms)',
  },
  minitest: {
    none: '2 runs, 0 assertions, 0 failures, 0 errors, 2 skips',
    some: '12 runs, 3 assertions, 0 failures, 0 errors, 2 skips',
  },
  ExUnit: {
    none: 'All tests have been excluded.\n\nFinished in 0.02 seconds (0.00s async, 0.02s sync)\n1 doctest, 3 tests, 0 failures, 3 excluded, 1 skipped',
    some: '1 doctest, 3 tests, 0 failures, 2 excluded, 1 skipped',
  },
  'bun test': {
    none: 'foo.test.ts:\n» 1 match\n\n 0 pass\n 2 skip\n 0 fail\nRan 2 tests across 1 files. [8.00ms]',
    some: ' 1 pass\n 1 skip\n 0 fail\nRan 2 tests across 1 file. [8.00ms]',
  },
  Playwright: {
    none: '\nRunning 2 tests using 1 worker\n\n  -  1 a.spec.ts:3:6 › a\n  -  2 a.spec.ts:4:6 › b\n\n  2 skipped',
    some: '\nRunning 12 tests using 2 workers\n\n  2 skipped\n  10 passed (1.2s)',
  },
  'swift test': {
    none: "Test Suite 'All tests' passed at 2026-11-01 10:00:00.000.\n\t Executed 2 tests, with 2 tests skipped and 0 failures (0 unexpected) in 0.001 (0.001) seconds",
    some: '\t Executed 12 tests, with 2 tests skipped and 0 failures (0 unexpected) in 0.001 (0.001) seconds',
  },
  'dotnet test': {
    none: 'Skipped! - Failed:     0, Passed:     0, Skipped:     2, Total:     2, Duration: 3 ms - Some.dll (net8.0)',
    some: 'Passed!  - Failed:     0, Passed:     1, Skipped:     1, Total:     2, Duration: 3 ms - Some.dll (net8.0)',
  },
};

/** Of those that were not at hand: what their documentation shows when there is nothing, and when there is something. */
const DOCUMENTED: Readonly<Record<string, { empty: string; full: string }>> = {
  'cargo nextest': {
    empty: '     Summary [   0.000s] 0 tests run: 0 passed, 0 skipped',
    full: '     Summary [   0.010s] 3 tests run: 3 passed, 0 skipped',
  },
  'Maven Surefire': {
    empty: '[INFO] No tests to run.',
    full: '[INFO] Tests run: 3, Failures: 0, Errors: 0, Skipped: 0',
  },
  RSpec: { empty: 'No examples found.\n\n0 examples, 0 failures', full: '3 examples, 0 failures' },
  PHPUnit: { empty: 'No tests executed!', full: 'OK (3 tests, 5 assertions)' },
  GoogleTest: {
    empty: '[==========] Running 0 tests from 0 test suites.\n[  PASSED  ] 0 tests.',
    full: '[==========] Running 3 tests from 1 test suite.\n[  PASSED  ] 3 tests.',
  },
  Catch2: { empty: 'No tests ran', full: 'All tests passed (3 assertions in 1 test case)' },
  prove: { empty: 'Files=0, Tests=0,  0 wallclock secs\nResult: NOTESTS', full: 'Result: PASS' },
  'deno test': { empty: 'ok | 0 passed | 0 failed (3ms)', full: 'ok | 3 passed | 0 failed (3ms)' },
  minitest: {
    empty:
      'Run options: --seed 15821\n\n# Running:\n\n\n\nFinished in 0.000369s, 0.0000 runs/s, 0.0000 assertions/s.\n\n0 runs, 0 assertions, 0 failures, 0 errors, 0 skips',
    full: '3 runs, 5 assertions, 0 failures, 0 errors, 0 skips',
  },
  'test-unit': {
    empty: '0 tests, 0 assertions, 0 failures, 0 errors, 0 pendings, 0 omissions, 0 notifications',
    full: '3 tests, 5 assertions, 0 failures, 0 errors, 0 pendings, 0 omissions, 0 notifications',
  },
  ExUnit: {
    empty: 'Finished in 0.02 seconds (0.00s async, 0.02s sync)\n0 tests, 0 failures',
    full: 'Finished in 0.05 seconds (0.00s async, 0.05s sync)\n1 doctest, 11 tests, 0 failures',
  },
  bats: { empty: '1..0', full: '1..1\nok 1 addition\n3 tests, 0 failures' },
  'bun test': {
    empty: ' 0 pass\n 0 fail\nRan 0 tests across 1 file. [5.00ms]',
    full: ' 3 pass\n 0 fail\nRan 3 tests across 1 file. [61.00ms]',
  },
  Playwright: {
    empty: 'Running 1 test using 1 worker\n  1 skipped',
    full: 'Running 1 test using 1 worker\n  1 passed (1.2s)',
  },
  'swift test': {
    empty:
      '\t Executed 0 tests, with 0 failures (0 unexpected) in 0.000 seconds\n✔ Test run with 0 tests in 0 suites passed after 0.001 seconds.',
    full: '\t Executed 2 tests, with 0 failures (0 unexpected) in 0.046 seconds\n✔ Test run with 0 tests in 0 suites passed after 0.001 seconds.',
  },
  'Swift Testing': {
    empty: '✔ Test run with 0 tests in 0 suites passed after 0.001 seconds.',
    full: '\t Executed 0 tests, with 0 failures (0 unexpected) in 0.000 seconds\n✔ Test run with 1 test passed after 0.001 seconds.',
  },
  'dotnet test': {
    empty:
      'No test is available in /project/bin/Debug/net8.0/Some.dll. Make sure that test discoverer is registered.',
    full: 'Passed!  - Failed:     0, Passed:     3, Skipped:     0, Total:     3, Duration: 3 ms - Some.dll (net8.0)',
  },
};

test.each(Object.values(EMPTY).flat())('that there was nothing to run is seen: %s', (name) => {
  expect(judged(printed(name))).toEqual(['zero-work']);
});

test.each(Object.values(FULL).flat())('that tests ran is seen: %s', (name) => {
  expect(judged(printed(name))).toEqual([]);
});

test.each(Object.entries(DOCUMENTED))('%s, by its documentation', (_, { empty, full }) => {
  expect(judged(`${empty}\n`)).toEqual(['zero-work']);
  expect(judged(`${full}\n`)).toEqual([]);
  expect(judged(`${empty}\n${full}\n`)).toEqual([]);
});

test('each runner is tried', () => {
  const tried = new Set([...Object.keys(EMPTY), ...Object.keys(DOCUMENTED)]);
  expect(RUNNERS.map(({ name }) => name).filter((name) => !tried.has(name))).toEqual([]);
});

test.each(Object.values(EMPTY).flat())('where another part ran tests, it does not count: %s', (name) => {
  for (const other of Object.values(FULL).flat()) {
    expect(judged(printed(name) + printed(other)), other).toEqual([]);
    expect(judged(printed(other) + printed(name)), other).toEqual([]);
  }
});

test.each(SKIPPED)('that all were skipped is seen, and is nothing: %s', (name) => {
  expect(judged(printed(name))).toEqual(['zero-work']);
  expect(judged(printed(name) + printed('mocha-some'))).toEqual([]);
});

test('what is cut out of an output does not look like a run that skipped all', () => {
  expect(judged('OK (skipped=2)\n')).toEqual([]);
  // What failed is not taken for skipped, nor is a count that has lost a line.
  expect(judged(printed('ctest-skipped').replace(/^\t.*Skipped.*\n/m, ''))).toEqual([]);
  const passed = /^.* Passed .*\n/gm;
  expect(printed('ctest-some-skipped')).toMatch(passed);
  expect(judged(printed('ctest-some-skipped').replace(passed, ''))).toEqual([]);
});

test.each(Object.entries(SKIPPED_LINES))('%s, all skipped and some skipped', (_, { none, some }) => {
  expect(judged(`${none}\n`)).toEqual(['zero-work']);
  expect(judged(`${some}\n`)).toEqual([]);
  expect(judged(`${none}\n${some}\n`)).toEqual([]);
});

/** Of those that ran nothing, with what the hint allows. */
const WITHOUT_WORK: readonly (readonly [string, string])[] = [
  ...[...Object.values(EMPTY).flat(), ...SKIPPED].map((name) => [name, printed(name)] as const),
  ...Object.entries(DOCUMENTED).map(([name, { empty }]) => [`${name}, empty`, `${empty}\n`] as const),
  ...Object.entries(SKIPPED_LINES).map(([name, { none }]) => [`${name}, skipped`, `${none}\n`] as const),
];

test.each(WITHOUT_WORK)('the hint allows what it is about, also when it took another time: %s', (_, text) => {
  const [finding] = findingsOf(text);
  const hint = (finding as { hint?: string } | undefined)?.hint ?? '';
  const list = /expect: \{ allow: \[(.+)\] \}$/.exec(hint)?.[1] ?? '';
  const texts = [...list.matchAll(/'([^']+)'|("[^"]+")/g)].map(
    (m) => m[1] ?? (JSON.parse(m[2] ?? '') as string),
  );
  expect(texts.length).toBeGreaterThan(0);
  const nextTime = text.replace(/\d+(?:\.\d+)?(?= ?(?:ms|s|sec|seconds)\b)/g, '71.3');
  expect(judged(nextTime, texts), hint).toEqual([]);
});

test('of tests that were all skipped it is said so, and how a line with a time in it is allowed', () => {
  const hintOf = (text: string) => (findingsOf(text)[0] as { hint?: string } | undefined)?.hint;
  expect(hintOf('1 skipped in 0.03s\n')).toBe(
    "all its tests were skipped: find out why; if that is intended, allow it: expect: { allow: ['1 skipped'] }",
  );
  expect(hintOf('  0 passing (1ms)\n')).toBe(
    "check which files and names its runner looks for; if that is intended, allow it: expect: { allow: ['0 passing'] }",
  );
  expect(hintOf(printed('ctest-skipped'))).toContain(
    "tests were skipped: find out why; if that is intended, allow it: expect: { allow: ['(Skipped)'] }",
  );
});

test('parts of tests count beside a runner that found none', () => {
  expect(judged('no tests ran in 0.01s\n1 passed, 2 subtests passed in 0.10s\n')).toEqual([]);
  expect(judged('no tests ran in 0.01s\n1 skipped, 2 subtests passed in 0.10s\n')).toEqual([]);
});

test('an empty plan counts where nothing else was planned, and is allowed like any line', () => {
  expect(judged('1..0\n', ['1..0'])).toEqual([]);
  expect(judged('1..1\nok 1 - a\n1..0\n')).toEqual([]);
  expect(judged('1..0\ndone\n')).toEqual([]);
});

test('colours do not hide it, and who allows the line has meant it', () => {
  expect(judged('\x1b[92m \x1b[0m\x1b[32m 0 passing\x1b[0m\x1b[90m (1ms)\x1b[0m\n')).toEqual(['zero-work']);
  expect(judged('  0 passing (1ms)\n', ['0 passing'])).toEqual([]);
});

test.each([
  'we ran 0 tests today',
  'running 0 tests is a bad idea',
  'see: no test files',
  '0 passing cars',
  'Tests run: 0',
])('what only reads alike is nothing: %s', (line) => {
  expect(judged(`${line}\n`)).toEqual([]);
});
