/** What real runners have printed, and what is told of it. The same few tests were written for each of them. */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { showCounts, type TestResults, testPlace, testTitle } from '../../../../src/core/test-results.ts';
import { readJunit } from '../../../../src/kinds/common/tests/junit.ts';
import { printedTests } from '../../../../src/kinds/common/tests/output.ts';
import { isThorough } from '../../../rig/thorough.ts';

const FOLDER = resolve(import.meta.dirname, '../../../fixtures/test-results');
const printed = (name: string): string => readFileSync(join(FOLDER, `${name}.txt`), 'utf8');

async function resultsIn(output: string): Promise<TestResults | undefined> {
  const tests = await printedTests(Buffer.from(output), '/srv/vt');
  return tests !== undefined && 'results' in tests ? tests.results : undefined;
}

async function told(output: string): Promise<string> {
  const tests = await printedTests(Buffer.from(output), '/srv/vt');
  if (tests === undefined) return 'nothing';
  return 'untold' in tests ? tests.untold : `${tests.results.format}: ${showCounts(tests.results)}`;
}

async function failuresIn(output: string): Promise<string[]> {
  const cases = (await resultsIn(output))?.cases ?? [];
  const failed = cases.filter(({ outcome }) => outcome === 'failed');
  return failed.map((each) => `${testTitle(each)} at ${testPlace(each)}: ${each.message}`);
}

const NODE = 'node: 5 failed, 7 passed, 2 skipped';
const NODE_ALONE = 'node: 4 failed, 6 passed, 2 skipped';
const PYTEST = 'pytest: 4 failed, 7 passed, 2 skipped';
const RUST = 'cargo: 2 failed, 5 passed, 1 skipped';

test.each([
  ['pytest', PYTEST],
  ['pytest-v', PYTEST],
  ['pytest-q', PYTEST],
  ['pytest-rA', PYTEST],
  ['pytest-rN', PYTEST],
  ['pytest-short-v', PYTEST],
  ['pytest-colour-v', PYTEST],
  ['pytest-x-v', 'pytest: 1 failed, 1 passed'],
  // Subtests: those that failed count among the tests, those that were skipped only where their lines are asked for.
  ['pytest-parts', 'pytest: 5 failed, 2 passed'],
  ['pytest-parts-q', 'pytest: 5 failed, 2 passed, 1 skipped'],
  ['pytest-parts-v', 'pytest: 5 failed, 2 passed, 1 skipped'],
  // A test prints another summary and lines like those of tests.
  ['pytest-v-s', 'nothing'],
  ['unittest', 'unittest: 3 failed, 1 passed, 2 skipped'],
  ['unittest-v', 'unittest: 3 failed, 1 passed, 2 skipped'],
  ['go-v', 'go: 4 failed, 9 passed, 1 skipped'],
  ['go-json', 'go: 4 failed, 9 passed, 1 skipped'],
  ['go-v-one', 'go: 2 failed, 8 passed, 1 skipped'],
  ['go-ok-v', 'go: 1 passed, 1 skipped'],
  ['go-ok-json', 'go: 1 passed, 1 skipped'],
  // Without -v it does not say which passed. A test of the first prints TAP.
  ['go', 'what looks like go test in lines 7 to 36 has no sum of its own that agrees with its tests'],
  ['go-ok', 'nothing'],
  ['cargo', RUST],
  ['cargo-q', RUST],
  ['cargo-ff', 'cargo: 2 failed, 3 passed, 1 skipped'],
  ['cargo-show', 'cargo: 2 failed, 3 passed, 1 skipped'],
  // A test prints the summary of a program.
  ['cargo-nocapture', 'nothing'],
  ['nextest', 'nextest: 2 failed, 4 passed, 1 skipped'],
  ['nextest-all', 'nextest: 2 failed, 4 passed, 1 skipped'],
  ['nextest-ff', 'nextest: 1 failed, 1 passed, 1 skipped'],
  ['nextest-retry', 'nextest: 2 failed, 4 passed, 1 skipped'],
  ['nextest-ok', 'nextest: 1 passed, 6 skipped'],
  ['node-old-tap', NODE],
  ['node-new-tap', NODE],
  ['node-old-spec', NODE],
  ['node-new-spec', NODE],
  ['node-old-tap-alone', NODE_ALONE],
  ['node-new-tap-alone', NODE_ALONE],
  ['node-old-spec-alone', NODE_ALONE],
  ['node-new-spec-alone', NODE_ALONE],
  ['node-old-tap-ok', 'node: 1 passed'],
  ['node-new-spec-ok', 'node: 1 passed'],
  // Like the others, with a test that prints TAP and lines of the spec reporter.
  ['ghost-node-old-tap', 'node: 5 failed, 8 passed, 2 skipped'],
  ['ghost-node-new-tap', 'node: 5 failed, 8 passed, 2 skipped'],
  ['ghost-node-new-tap-alone', 'node: 4 failed, 7 passed, 2 skipped'],
  ['ghost-node-old-spec', 'nothing'],
  ['ghost-node-new-spec', 'nothing'],
  ['vitest-json', 'vitest: 3 failed, 4 passed, 2 skipped'],
  ['vitest-both', 'vitest: 3 failed, 4 passed, 2 skipped'],
  ['vitest-ok-json', 'vitest: 1 passed'],
  ['vitest-tap', 'tap: 3 failed, 4 passed, 2 skipped'],
  ['vitest-tapflat', 'tap: 3 failed, 4 passed, 2 skipped'],
  ['vitest-verbose', 'nothing'],
  ['jest-json', 'jest: 3 failed, 4 passed, 2 skipped'],
  ['jest-json-both', 'jest: 3 failed, 4 passed, 2 skipped'],
  ['jest-ok-json', 'jest: 1 passed'],
])('%s → %s', async (name, expected) => {
  expect(await told(printed(name))).toBe(expected);
});

test.each([
  [
    'pytest',
    [
      "pkg/test_more.py › test_two at pkg/test_more.py:7: AssertionError: assert {'a': 1} == {'a': 2}",
      'test_math.py › test_subtracts at test_math.py:14: AssertionError: three minus one',
      'test_math.py › TestGroup › test_in_class at test_math.py:34: ValueError: out of range',
      'test_math.py › test_with_fixture at test_math.py:39: RuntimeError: no database',
    ],
  ],
  [
    'pytest-parts-v',
    [
      'test_parts.py › T › test_msg at test_parts.py:15: AssertionError: and itself',
      'test_parts.py › test_native at test_parts.py: contains 1 failed subtest',
      'test_parts.py › T › test_msg › [a - b::c] (n=2) at test_parts.py:14: AssertionError: 1 != 2',
      'test_parts.py › T › test_sub › (i=1) at test_parts.py:8: AssertionError: 1 == 1',
      'test_parts.py › test_native › [native] (i=1) at test_parts.py:21: assert 1 != 1',
    ],
  ],
  [
    'unittest',
    [
      '__main__.Math › test_raises at /srv/py/ut.py:14: ValueError: out of range',
      '__main__.Math › test_parts at /srv/py/ut.py:27: AssertionError: 1 == 1',
      '__main__.Math › test_subtracts at /srv/py/ut.py:11: AssertionError: 2 != 1',
    ],
  ],
  [
    'go-v',
    [
      'example.com/math › TestSubtracts at math_test.go:15: got 2, want 1',
      'example.com/math › TestTable/<script> at math_test.go:26: no scripts',
      'example.com/math/bad at undefined: build failed',
      'example.com/math/sub › TestBoom at /srv/go/sub/sub_test.go:9: panic: assignment to entry in nil map [recovered, repanicked]',
    ],
  ],
  [
    'cargo',
    [
      'src/lib.rs › tests::errs at undefined: Error: "out of range"',
      'src/lib.rs › tests::subtracts at src/lib.rs:21: assertion `left == right` failed: three minus one: left is 2, right is 1',
    ],
  ],
  [
    'nextest-retry',
    [
      'math › tests::errs at undefined: Error: "out of range"',
      'math › tests::subtracts at src/lib.rs:21: assertion `left == right` failed: three minus one: left is 2, right is 1',
    ],
  ],
  [
    'node-new-spec',
    [
      'subtracts at a.test.js:5: Expected values to be strictly equal: 2 !== 1',
      'group › fails in a group at a.test.js:10: out of range',
      'parts › two at a.test.js:15: Expected values to be strictly deep-equal: expected a: 2, got a: 1',
      "c.test.js at c.test.js:1: 'test failed'",
    ],
  ],
  [
    'vitest-tap',
    [
      'a.test.ts › subtracts at /srv/vt/a.test.ts:3: three minus one: expected 2 to be 1 // Object.is equality',
      'a.test.ts › group › fails in a group at /srv/vt/a.test.ts:8: out of range',
      'c.test.ts at /srv/vt/c.test.ts:1: cannot load',
    ],
  ],
  [
    'jest-json',
    [
      'subtracts at /srv/jest/a.test.js:2: expect(received).toBe(expected) // Object.is equality: expected 1, got 2',
      'group fails in a group at /srv/jest/a.test.js:7: out of range',
      '/srv/jest/c.test.js at c.test.js:1: cannot load',
    ],
  ],
])('the failed tests of %s are told with place and reason', async (name, failures) => {
  expect(await failuresIn(printed(name))).toEqual(failures);
});

test('what has passed and was skipped is named too, as far as the runner does', async () => {
  const results = await resultsIn(printed('node-new-tap'));
  expect(results?.cases.map(({ suite, name, outcome }) => [outcome, suite, name])).toEqual([
    ['passed', '', 'adds'],
    ['failed', '', 'subtracts'],
    ['skipped', '', 'skipped'],
    ['skipped', '', 'todo'],
    ['passed', 'group', 'is in a group'],
    ['failed', 'group', 'fails in a group'],
    ['passed', 'group › deeper', 'still'],
    ['passed', 'parts', 'one'],
    ['failed', 'parts', 'two'],
    ['failed', '', 'parts'],
    ['passed', '', 'a\\nb'],
    ['passed', '', '<script>alert(1)</script> # SKIP not really'],
    ['passed', '', 'in another file'],
    ['failed', '', 'c.test.js'],
  ]);
  expect(results?.left).toBe(0);
});

test.each([
  [
    'a.test.ts › group › fails in a group',
    '/srv/vt',
    ['vitest-json', 'vitest-tap', 'vitest-tapflat', 'junit-vitest.xml'],
  ],
  ['group fails in a group', '/srv/jest', ['jest-json', 'jest-json-both', 'junit-jest.xml']],
] as const)('%s and others are named the same, whatever tells of them', async (example, folder, sources) => {
  const names = await Promise.all(
    sources.map(async (source) => {
      const isXml = source.endsWith('.xml');
      const bytes = readFileSync(join(FOLDER, isXml ? source : `${source}.txt`));
      const tests = isXml ? await readJunit(bytes) : await printedTests(bytes, folder);
      if (tests !== undefined && 'ok' in tests) return tests.ok ? tests.value.cases.map(testTitle) : [];
      return tests !== undefined && 'results' in tests ? tests.results.cases.map(testTitle) : [];
    }),
  );
  // A file that cannot be loaded is in Jest's JSON only.
  const isEverywhere = (name: string): boolean => name !== 'c.test.js';
  for (const each of names) expect(each.filter(isEverywhere)).toEqual(names[0]?.filter(isEverywhere));
  expect(names[0]).toContain(example);
});

describe('several runners', () => {
  test('that are called one after the other add up', async () => {
    expect(await told(printed('pytest') + printed('pytest-x-v'))).toBe(
      'pytest: 5 failed, 8 passed, 2 skipped',
    );
    expect(await told(printed('pytest-v') + printed('node-new-spec'))).toBe(
      'several: 9 failed, 14 passed, 4 skipped',
    );
    expect(await told(printed('cargo') + printed('vitest-json'))).toBe(
      'several: 5 failed, 9 passed, 3 skipped',
    );
    expect(await told(printed('go-ok-json') + printed('go-json'))).toBe('go: 4 failed, 10 passed, 2 skipped');
  });

  test('of which one is not certain are not told at all, and it is said which', async () => {
    const why = (unsure: string): string =>
      `what looks like ${unsure} has no sum of its own that agrees with its tests`;
    expect(await told(printed('pytest-v') + printed('go'))).toBe(why('go test in lines 82 to 111'));
    expect(await told(printed('pytest-v-s') + printed('cargo'))).toBe(why('pytest in lines 1 to 76'));
  });

  test('one in the output of another is what a test has printed', async () => {
    const [head = '', ...tail] = printed('pytest-v').split('\n\n');
    const within = [head, printed('vitest-ok-json').trim(), printed('vitest-tap').trim(), ...tail].join(
      '\n\n',
    );
    expect(await told(within)).toBe(PYTEST);
  });

  test('that print at the same time are not told', async () => {
    const mingled = async (one: string, other: string): Promise<string> => {
      const [a, b] = [printed(one).split('\n'), printed(other).split('\n')];
      const lines = Array.from({ length: Math.max(a.length, b.length) }, (_, at) => [
        a[at] ?? '',
        b[at] ?? '',
      ]);
      return told(lines.flat().join('\n'));
    };
    expect(await mingled('pytest-v', 'cargo')).toMatch(
      /^what looks like pytest in lines 1 to \d+ has no sum/,
    );
    expect(await mingled('go-json', 'nextest')).toBe(
      'nextest in lines 6 to 130 and go test in lines 7 to 219 printed at the same time',
    );
  });
});

describe('one that has not come to its end', () => {
  test.each([
    ['pytest-v', /XFAIL[^\n]*\n/, 'pytest: 2 failed, 7 passed, 2 skipped so far'],
    ['cargo', /test tests::panics[^\n]*\n/, 'cargo: 1 failed, 3 passed, 1 skipped so far'],
    ['go-v', /--- SKIP: TestSkipped[^\n]*\n/, 'go: 1 failed, 1 passed, 1 skipped so far'],
    ['nextest', /prints_another\n/, 'nextest: 1 failed, 2 passed so far'],
    ['vitest-tapflat', /not ok 2[^\n]*\n/, 'tap: 1 failed, 1 passed so far'],
    ['unittest-v', /skipped 'not today'\n/, 'unittest: 2 failed, 1 passed, 2 skipped so far'],
  ])('%s is told as far as it came', async (name, last, expected) => {
    const output = printed(name);
    const end = last.exec(output);
    const withoutPlan = output
      .slice(0, (end?.index ?? 0) + (end?.[0].length ?? 0))
      .replace(/^1\.\.\d+\n/m, '');
    expect(await told(withoutPlan)).toBe(expected);
  });
});

describe('hostile output', () => {
  const dots = (many: number): string =>
    Array.from({ length: many }, (_, at) => `ok ${at + 1} - t${at}\n`).join('');

  test('a hundred thousand tests are counted, and the failed ones among those that are kept', async () => {
    const output = `TAP version 13\n${dots(99_999)}not ok 100000 - the last\n1..100000\n`;
    const results = await resultsIn(output);
    expect(results?.counts).toEqual({ passed: 99_999, failed: 1, skipped: 0 });
    expect(results?.cases).toHaveLength(5000);
    expect(results?.left).toBe(95_000);
    expect(results?.cases.at(-1)).toMatchObject({ name: 'the last', outcome: 'failed' });
  });

  test.runIf(isThorough)('more tests than anybody has are not told', async () => {
    expect(await told(`TAP version 13\n${dots(200_001)}1..200001\n`)).toBe('nothing');
    expect(await told('TAP version 13\nok 1\n1..1\n'.repeat(1001))).toMatch(/^what looks like TAP in lines /);
  });

  test.each([
    ['a line of 10 MB', `ok 1 - ${'a'.repeat(10_000_000)}\n1..1\n`],
    ['brackets', `test_a.py::b${'['.repeat(1_000_000)} PASSED [100%]\n === 1 passed in 0.1s ===\n`],
    ['slashes', `=== RUN   T${'/'.repeat(1_000_000)}\n`],
    ['braces', `{"numTotalTestSuites":${'['.repeat(1_000_000)}\n`],
    ['spaces', `${' '.repeat(1_000_000)}ok 1\n`],
    ['a stack of groups', Array.from({ length: 2000 }, (_, at) => `${' '.repeat(at)}ok 1 - a {\n`).join('')],
  ])('%s takes no longer than its length', async (_, output) => {
    const before = process.cpuUsage();
    await printedTests(Buffer.from(output), '/srv/vt');
    const { user } = process.cpuUsage(before);
    expect(user / 1000).toBeLessThan(5000);
  });

  test('names are kept as they are printed, without colours', async () => {
    const results = await resultsIn('1..1\n\u001b[31mnot ok 1\u001b[0m - <script>alert(1)</script> ]]>\n');
    expect(results?.cases[0]?.name).toBe('<script>alert(1)</script> ]]>');
  });

  test('words of runners in prose are no tests', async () => {
    const prose =
      'ok 1 thing is done\nchecking foo ... ok\n3 passed in 0.5s\n✔ built (12ms)\nok  \n# tests 5\n';
    expect(await told(prose)).toBe('nothing');
  });
});
