import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { OutputScanner } from '../../../src/process/output/scanner.ts';
import { RUNNERS, TEST_RUNS, withoutTests } from '../../../src/process/output/test-runs.ts';
import { linePattern } from '../../../src/text/bounded-pattern.ts';

const FOLDER = resolve(import.meta.dirname, '../../fixtures/test-runs');

/** What the runner printed when it was called so. */
const printed = (name: string): string => readFileSync(join(FOLDER, `${name}.txt`), 'utf8');

function judged(text: string, allow: readonly string[] = []): string[] {
  const patterns = allow.map((each) => linePattern({ type: 'text', text: each }));
  const scanner = new OutputScanner(TEST_RUNS, patterns);
  // In pieces, as output comes.
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += 97) scanner.push(bytes.subarray(at, at + 97));
  scanner.end();
  return withoutTests(scanner, 'test').map(({ code }) => code);
}

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
  'cargo test': ['cargo-some'],
  unittest: [
    'unittest-some',
    'unittest-one-v',
    'unittest-some-skipped',
    'unittest-expected-failure',
    // One test passed, and another skipped three parts of itself.
    'unittest-parts',
    'unittest-parts-v',
  ],
  pytest: ['pytest-some', 'pytest-some-q'],
  mocha: ['mocha-some'],
  jest: ['jest-some'],
  vitest: ['vitest-some'],
  AVA: ['ava-some'],
  tap: ['tap-some'],
  Jasmine: ['jasmine-some'],
  uvu: ['uvu-some'],
  CTest: ['ctest-some', 'ctest-some-skipped'],
} as const;

/** Where all tests were skipped: nothing ran. */
const SKIPPED = [
  'node-none-match',
  'node-skipped',
  'node-skipped-spec',
  'go-skipped-v',
  'go-skipped-cover',
  'cargo-skipped',
  'unittest-skipped',
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
  const passed = /^.* Passed .*\n/gm;
  expect(printed('ctest-some-skipped')).toMatch(passed);
  expect(judged(printed('ctest-some-skipped').replace(passed, ''))).toEqual([]);
});

test.each(Object.entries(SKIPPED_LINES))('%s, all skipped and some skipped', (_, { none, some }) => {
  expect(judged(`${none}\n`)).toEqual(['zero-work']);
  expect(judged(`${some}\n`)).toEqual([]);
  expect(judged(`${none}\n${some}\n`)).toEqual([]);
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
