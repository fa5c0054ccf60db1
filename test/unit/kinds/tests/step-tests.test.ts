/** What the tests of a command make of it: a fake in place of its processes, real files and a real log. */
import {
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Finding } from '../../../../src/core/finding.ts';
import { EXPECT_SUCCESS, type Expectation } from '../../../../src/core/suite.ts';
import { type TestResults, testTitle } from '../../../../src/core/test-results.ts';
import { ms } from '../../../../src/core/units.ts';
import { holdStep, runStep } from '../../../../src/kinds/common/run-step.ts';
import { untilNextTick } from '../../../../src/kinds/common/tests/result-files.ts';
import { StepTests } from '../../../../src/kinds/common/tests/step-tests.ts';
import { ComponentLog } from '../../../../src/process/output/log.ts';
import { linePattern } from '../../../../src/text/bounded-pattern.ts';
import { FakeAttempt } from '../../../rig/fake-context.ts';
import type { FakeCommand } from '../../../rig/fake-processes.ts';

const FIXTURES = resolve(import.meta.dirname, '../../../fixtures/test-results');
const printed = (name: string): string => readFileSync(join(FIXTURES, `${name}.txt`), 'utf8');

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'step-tests-'));
  file = join(folder, 'junit.xml');
});
afterEach(() => rmSync(folder, { recursive: true }));

const suite = (...outcomes: ('passed' | 'failure' | 'skipped')[]): string =>
  `<testsuite name="s">${outcomes.map((outcome, at) => `<testcase name="t${at}">${outcome === 'passed' ? '' : `<${outcome} message="why"/>`}</testcase>`).join('')}</testsuite>`;

interface Outcome {
  readonly findings: readonly Finding[];
  readonly tests: TestResults | undefined;
}

interface How {
  readonly results?: string | null;
  readonly expect?: Expectation;
  readonly isHeld?: boolean;
}

/** Runs a command that does something and exits. */
async function run(
  does: (command?: FakeCommand) => number,
  { results = 'junit.xml', expect: wanted = EXPECT_SUCCESS, isHeld = false }: How = {},
): Promise<Outcome> {
  const attempt = new FakeAttempt();
  attempt.processes.holds = isHeld;
  const context = {
    ...attempt.context,
    root: folder,
    attempt: 2,
    log: new ComponentLog(join(folder, 'work.log')),
  };
  const step = {
    name: 'work',
    command: { type: 'argv', argv: ['./work'] },
    cwd: folder,
    env: {},
    expect: wanted,
    tests: { results },
  } as const;
  const ahead = isHeld ? await holdStep(step, context) : undefined;
  // One that was held may do all its work before anybody waits for it.
  ahead?.release();
  const early = ahead === undefined ? undefined : does();
  const findings = runStep(step, context, ahead);
  const work = await attempt.processes.started('try.1/work');
  work.finish(early ?? does(work));
  const found = await findings;
  context.log.close();
  const told = attempt.events.flatMap((event) => (event.type === 'tests-finished' ? [event] : []));
  expect(told.length).toBeLessThan(2);
  expect(told.every((event) => event.component === 'try' && event.attempt === 2)).toBe(true);
  return { findings: found, tests: told[0]?.tests };
}

const codes = ({ findings }: Outcome): string[] => findings.map(({ code }) => code);
const messages = ({ findings }: Outcome): string[] => findings.map(({ message }) => message);

const writes =
  (content: string, code = 0) =>
  (): number => {
    writeFileSync(file, content);
    return code;
  };
/** It does something, and all is well. */
const then0 = (does: () => void) => (): number => {
  does();
  return 0;
};
const prints =
  (text: string, code = 0) =>
  (command?: FakeCommand): number => {
    command?.print(text);
    return code;
  };

describe('results', () => {
  test('are told as the tests of the command', async () => {
    const outcome = await run(writes(suite('passed', 'skipped')));
    expect(codes(outcome)).toEqual([]);
    expect(outcome.tests).toMatchObject({
      format: 'junit',
      from: 'junit.xml',
      isComplete: true,
      left: 0,
      counts: { passed: 1, failed: 0, skipped: 1 },
    });
  });

  test('with failures fail a command that exits with 0', async () => {
    const outcome = await run(writes(suite('passed', 'failure', 'failure')));
    expect(codes(outcome)).toEqual(['failed-tests']);
    expect(messages(outcome)).toEqual([
      'work exited with code 0, although 2 of 3 tests failed: s › t1: why; also s › t2',
    ]);
    expect(outcome.findings[0]?.evidence).toEqual(['s › t1: why', 's › t2: why']);
  });

  test('with failures say why a command failed', async () => {
    const outcome = await run(writes(suite('passed', 'failure'), 1));
    expect(messages(outcome)).toEqual(['work exited with code 1: 1 of 2 tests failed: s › t1: why']);
  });

  test('with failures are as they should be where another exit code is expected', async () => {
    const outcome = await run(writes(suite('failure'), 3), { expect: { ...EXPECT_SUCCESS, exitCodes: [3] } });
    expect(codes(outcome)).toEqual([]);
  });

  test('whose sum knows of failures that no test has are not believed', async () => {
    const outcome = await run(writes('<testsuite name="s" failures="2"><testcase name="a"/></testsuite>'));
    expect(messages(outcome)).toEqual([
      'work exited with code 0, although 2 tests failed, by the sum in junit.xml',
    ]);
  });

  test('of pytest have the names that it prints, where their files are there', async () => {
    mkdirSync(join(folder, 'pkg'));
    for (const name of ['pkg/test_more.py', 'test_math.py', 'twice.py'])
      writeFileSync(join(folder, name), '');
    mkdirSync(join(folder, 'twice'));
    writeFileSync(join(folder, 'twice/a.py'), '');
    const classes = [
      'test_math',
      'pkg.test_more',
      'test_math.TestGroup.In',
      'gone.TestGroup',
      'twice.a',
      '../a',
      '',
    ];
    const tests = classes.map((name) => `<testcase classname="${name}" name="t[a.b]"/>`).join('');
    const titles = async (name: string): Promise<string[]> => {
      const outcome = await run(
        writes(`<testsuites><testsuite name="${name}">${tests}</testsuite></testsuites>`),
      );
      return outcome.tests?.cases.map(testTitle) ?? [];
    };
    expect(await titles('pytest')).toEqual([
      'test_math.py › t[a.b]',
      'pkg/test_more.py › t[a.b]',
      'test_math.py › TestGroup › In › t[a.b]',
      'gone.TestGroup › t[a.b]',
      'twice.a › t[a.b]',
      '../a › t[a.b]',
      't[a.b]',
    ]);
    expect((await titles('other'))[0]).toBe('test_math › t[a.b]');
  });

  test('without a test that ran are no work', async () => {
    expect(messages(await run(writes('<testsuites/>')))).toEqual([
      'work ran no test: there is no test in junit.xml',
    ]);
    expect(messages(await run(writes(suite('skipped', 'skipped'))))).toEqual([
      'work ran no test: all 2 tests in junit.xml were skipped',
    ]);
  });

  test('that cannot be read are told with the reason', async () => {
    const outcome = await run(writes('<testsuite><testcase name="a">'));
    expect(codes(outcome)).toEqual(['unreadable-results']);
    expect(messages(outcome)[0]).toMatch(
      /^the results of work cannot be read: junit\.xml: line 1: Unclosed root tag/,
    );
  });

  test('of 200 MB are too much, which is said', async () => {
    const outcome = await run(writes('x'.repeat(200 * 1024 * 1024)));
    expect(messages(outcome)).toEqual([
      'the results of work cannot be read: junit.xml: with it there are more than 64 MB of results, which is too much to read',
    ]);
  });

  test.skipIf(!existsSync('/proc/self/pagemap'))(
    'that have no end, and tell no size, are too much as well',
    async () => {
      const outcome = await run(then0(() => symlinkSync('/proc/self/pagemap', file)));
      expect(messages(outcome)).toEqual([
        'the results of work cannot be read: junit.xml: with it there are more than 64 MB of results, which is too much to read',
      ]);
    },
  );

  test('in more files than are read are told with their number', async () => {
    mkdirSync(join(folder, 'r'));
    writeFileSync(file, suite('passed'));
    const outcome = await run(
      () => {
        for (let at = 0; at <= 10_000; at += 1) linkSync(file, join(folder, 'r', `${at}.xml`));
        return 0;
      },
      { results: 'r/*.xml' },
    );
    expect(codes(outcome)).toEqual(['unreadable-results']);
    expect(messages(outcome)).toEqual([
      'the results of work cannot be read: r/*.xml are 10,001 files, and more than 10,000 files are not read',
    ]);
  });

  test('count once, and folders that are links are not searched; files that are links are read', async () => {
    const outcome = await run(
      () => {
        mkdirSync(join(folder, 'r'));
        writeFileSync(file, suite('failure'));
        writeFileSync(join(folder, 'r/a.xml'), suite('passed'));
        symlinkSync('.', join(folder, 'r/again'));
        symlinkSync('..', join(folder, 'r/up'));
        symlinkSync('nowhere', join(folder, 'r/broken.xml'));
        writeFileSync(join(folder, 'one'), suite('passed', 'passed'));
        symlinkSync('../one', join(folder, 'r/link.xml'));
        return 0;
      },
      { results: 'r/**/*.xml' },
    );
    expect(outcome.tests?.counts).toEqual({ passed: 3, failed: 0, skipped: 0 });
  });

  test('that are looked for or read when the time is up make no success', async () => {
    writeFileSync(file, suite('passed'));
    const attempt = new FakeAttempt();
    for (const [results, trouble] of [
      ['*.xml', 'there was no time left to look for *.xml'],
      ['junit.xml', 'there was no time left to look for junit.xml'],
    ] as const) {
      const { context } = attempt;
      const tests = await StepTests.begin({ name: 'work', cwd: folder, results }, context.signal);
      writeFileSync(file, suite('passed'));
      const end = new AbortController();
      const told = tests.told({ ...context, root: folder, signal: end.signal });
      end.abort();
      expect((await told).findings).toMatchObject([
        { code: 'unreadable-results', message: `the results of work cannot be read: ${trouble}` },
      ]);
    }
  });

  test('in several files add up', async () => {
    const outcome = await run(
      () => {
        mkdirSync(join(folder, 'build/a'), { recursive: true });
        writeFileSync(join(folder, 'build/one.xml'), suite('passed'));
        writeFileSync(join(folder, 'build/a/two.xml'), suite('passed', 'passed'));
        return 0;
      },
      { results: 'build/**/*.xml' },
    );
    expect(outcome.tests).toMatchObject({ from: 'build/**/*.xml', counts: { passed: 3 } });
    expect(codes(outcome)).toEqual([]);
  });

  test('do not count if the command is stopped by its time limit', async () => {
    const attempt = new FakeAttempt();
    const step = {
      name: 'work',
      command: { type: 'argv', argv: ['./work'] },
      cwd: folder,
      env: {},
      expect: EXPECT_SUCCESS,
      tests: { results: 'junit.xml' },
    } as const;
    const findings = runStep(step, attempt.context);
    await attempt.processes.started('try.1/work');
    attempt.abort({ type: 'timeout', limit: ms(1000) });
    expect((await findings).map(({ code }) => code)).not.toContain('missing-results');
  });
});

describe('results that are not there', () => {
  test.each([
    ['junit.xml', 'there is no XML file in its folder'],
    ['reports/junit.xml', 'there is no folder reports'],
    ['reports/**/*.xml', 'there is no folder reports'],
    ['old/junit.xml', 'in old there is TEST-a.xml, TEST-b.xml'],
  ])('%s: %s', async (results, instead) => {
    mkdirSync(join(folder, 'old'));
    for (const name of ['TEST-a.xml', 'TEST-b.xml', 'log.txt']) writeFileSync(join(folder, 'old', name), '');
    const outcome = await run(() => 0, { results });
    expect(codes(outcome)).toEqual(['missing-results']);
    expect(messages(outcome)).toEqual([`work has written no results: ${results} is not there; ${instead}`]);
  });

  test('add nothing to a command that failed', async () => {
    expect(codes(await run(() => 1))).toEqual(['exit-code']);
  });
});

describe('results of an earlier run', () => {
  const GREEN = suite('passed');
  const SOME_TIME = 1_700_000_000;
  const stale = ['work has not written junit.xml: what is there is from before'];

  test.each<[string, () => void]>([
    ['were not touched', () => {}],
    ['were read', () => void readFileSync(file)],
    ['are beside a new file', () => writeFileSync(join(folder, 'other.xml'), GREEN)],
  ])('are stale if they %s', async (_, does) => {
    writeFileSync(file, GREEN);
    const outcome = await run(then0(does));
    expect(messages(outcome)).toEqual(stale);
    expect(outcome.tests).toBeUndefined();
  });

  test.each<[string, () => void]>([
    ['are written once more, the same as before', () => writeFileSync(file, GREEN)],
    [
      'are replaced by a file of the same content and time',
      () => {
        writeFileSync(`${file}.new`, GREEN);
        utimesSync(`${file}.new`, SOME_TIME, SOME_TIME);
        renameSync(`${file}.new`, file);
      },
    ],
    [
      'are written with the time set back',
      () => {
        writeFileSync(file, GREEN);
        utimesSync(file, SOME_TIME, SOME_TIME);
      },
    ],
    [
      'are removed and written',
      () => {
        rmSync(file);
        writeFileSync(file, GREEN);
      },
    ],
    [
      'become a link to new ones',
      () => {
        writeFileSync(join(folder, 'new.xml'), GREEN);
        rmSync(file);
        symlinkSync('new.xml', file);
      },
    ],
    [
      'are a link, and what it leads to is written',
      () => {
        writeFileSync(join(folder, 'target.xml'), GREEN);
      },
    ],
  ])('are fresh if they %s', async (name, does) => {
    if (name.startsWith('are a link')) {
      writeFileSync(join(folder, 'target.xml'), GREEN);
      symlinkSync('target.xml', file);
    } else writeFileSync(file, GREEN);
    utimesSync(file, SOME_TIME, SOME_TIME);
    const outcome = await run(then0(does));
    expect(codes(outcome)).toEqual([]);
    expect(outcome.tests?.counts.passed).toBe(1);
  });

  test('that are written within the tick of the clock that they were written in before are fresh', async () => {
    for (let round = 0; round < 5; round += 1) {
      writeFileSync(file, GREEN);
      expect(codes(await run(writes(GREEN)))).toEqual([]);
    }
  });

  test('beside new ones are told, and the new ones count', async () => {
    mkdirSync(join(folder, 'out'));
    for (const name of ['a', 'b', 'c']) writeFileSync(join(folder, 'out', `${name}.xml`), suite('failure'));
    const outcome = await run(
      then0(() => writeFileSync(join(folder, 'out/a.xml'), GREEN)),
      {
        results: 'out/*.xml',
      },
    );
    expect(messages(outcome)).toEqual([
      'work has not written out/b.xml and 1 more file: what is there is from before',
    ]);
    expect(outcome.tests?.counts).toEqual({ passed: 1, failed: 0, skipped: 0 });
  });

  test('that are gone are missing', async () => {
    writeFileSync(file, GREEN);
    expect(codes(await run(then0(() => rmSync(file))))).toEqual(['missing-results']);
  });

  test('in whose place there is a folder are missing', async () => {
    writeFileSync(file, GREEN);
    const outcome = await run(
      then0(() => {
        rmSync(file);
        mkdirSync(file);
      }),
    );
    expect(messages(outcome)).toEqual(['work has written no results: junit.xml is a folder, no file']);
  });

  test('are known from before a client is released that was started early', async () => {
    writeFileSync(file, GREEN);
    expect(codes(await run(writes(GREEN), { isHeld: true }))).toEqual([]);
    expect(messages(await run(() => 0, { isHeld: true }))).toEqual(stale);
  });
});

describe('tests in the output', () => {
  const printing = { results: null };

  test('are told, with files relative to the root of the run', async () => {
    const outcome = await run(prints(printed('vitest-ok-json').replaceAll('/srv/vt', folder)), printing);
    expect(outcome.tests).toMatchObject({
      format: 'vitest',
      from: null,
      counts: { passed: 1 },
      cases: [{ file: 'b.test.ts' }],
    });
    expect(codes(outcome)).toEqual([]);
  });

  test('say why a command failed', async () => {
    const [finding] = (await run(prints(printed('pytest'), 1), printing)).findings;
    expect(finding?.message).toBe(
      "work exited with code 1: 4 of 13 tests failed: pkg/test_more.py › test_two at pkg/test_more.py:7: AssertionError: assert {'a': 1} == {'a': 2}; also test_math.py › test_subtracts, test_math.py › TestGroup › test_in_class and 1 more",
    );
    expect(finding?.evidence?.slice(0, 7)).toEqual([
      "pkg/test_more.py › test_two at pkg/test_more.py:7: AssertionError: assert {'a': 1} == {'a': 2}",
      'test_math.py › test_subtracts at test_math.py:14: AssertionError: three minus one',
      'test_math.py › TestGroup › test_in_class at test_math.py:34: ValueError: out of range',
      'test_math.py › test_with_fixture at test_math.py:39: RuntimeError: no database',
      '',
      '    def test_two():',
      `>       assert {"a": 1} == {"a": 2}`,
    ]);
  });

  test('that failed only because of their parts are counted, and not listed', async () => {
    const [finding] = (await run(prints(printed('node-deep-tap'), 1), printing)).findings;
    expect(finding?.message).toBe(
      'work exited with code 1: 4 of 4 tests failed: deep at a.test.js:3: expected 1: 3, got 1: 2; also strict, group › leaf',
    );
    expect(finding?.evidence?.slice(0, 6)).toEqual([
      'deep at a.test.js:3: expected 1: 3, got 1: 2',
      'strict at a.test.js:4: expected c, got b',
      'group › leaf at a.test.js:5: 1 == 2',
      '',
      'Expected values to be loosely deep-equal:',
      '',
    ]);
  });

  test('of which none ran are no tests, and the message says so', async () => {
    const output = '============================ 3 deselected in 0.01s =============================\n';
    const head = '============================= test session starts ==============================\n';
    const outcome = await run(prints(head + output, 5), printing);
    expect(outcome.findings[0]?.message).toContain('work exited with code 5: no test ran: ');
    expect(outcome.findings[0]?.message).toContain('3 deselected');
    expect(outcome.tests).toBeUndefined();
  });

  test('that failed fail a command that lost their exit code, unless that is allowed', async () => {
    const outcome = await run(prints(printed('pytest-x-v')), printing);
    expect(codes(outcome)).toEqual(['failed-tests']);
    expect(outcome.findings[0]?.hint).toContain("expect: { allow: ['1 failed, 1 passed'] }");
    const allow = [{ type: 'text', text: '1 failed, 1 passed' }] as const;
    expect(linePattern(allow[0]).test('1 failed, 1 passed')).toBe(true);
    expect(
      codes(await run(prints(printed('pytest-x-v')), { ...printing, expect: { ...EXPECT_SUCCESS, allow } })),
    ).toEqual([]);
  });

  test('that are run once more after a failure go by the last call', async () => {
    const again = printed('pytest-x-v') + printed('vitest-ok-json');
    expect(codes(await run(prints(again), printing))).toEqual([]);
  });

  test.each([
    ['TAP version 13\n1..2\nok 1\nBail out! no database\n', 'its tests bailed out', 'Bail out! no database'],
    ['1..5\nok 1 - one\nok 2 - two\n', '5 tests were planned, and 2 told', '1..5'],
    ['TAP version 14\n1..1\nBail out!\n', 'its tests bailed out', 'Bail out!'],
    ['TAP version 14\n1..3\n', '3 tests were planned, and none told', '1..3'],
  ])(
    'of TAP that did not come to their end fail it as well, unless that is allowed: %j',
    async (output, why, line) => {
      const outcome = await run(prints(output), printing);
      expect(codes(outcome)).toEqual(['failed-tests']);
      expect(messages(outcome)).toEqual([`work exited with code 0, although ${why}`]);
      expect(outcome.findings[0]?.evidence).toEqual([line]);
      const allow = [{ type: 'text', text: line }] as const;
      const allowed = await run(prints(output), { ...printing, expect: { ...EXPECT_SUCCESS, allow } });
      expect(codes(allowed)).toEqual([]);
    },
  );

  test.each([
    '1..2\nok 1\nok 2\n',
    'ok 1\nok 2\n1..2\n',
    'TAP version 14\n1..1\n    1..2\n    ok 1\n    ok 2\nok 1 - both\n',
    'Bail out!\n',
    'see chapter\n1..5\n',
  ])('of TAP that are whole, or none at all, do not: %j', async (output) => {
    expect(codes(await run(prints(output), printing))).toEqual([]);
  });

  const PYTEST = `${'='.repeat(29)} test session starts ${'='.repeat(30)}\nplatform linux -- Python 3.11.7\n`;
  const CARGO = '     Running unittests src/lib.rs (target/debug/deps/stop-2d)\n\nrunning 3 tests\n';
  const DOC_TESTS =
    '   Doc-tests stop\n\nrunning 0 tests\n\ntest result: ok. 0 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s\n\n';
  test.each([
    [
      `${PYTEST}collected 4 items\n\na.py::test_one PASSED      [ 25%]\na.py::test_two[x y] `,
      'pytest stopped in a.py::test_two[x y], after 1 of 4 tests',
      'a.py::test_two[x y]',
    ],
    [
      `${PYTEST}collected 9 items / 5 deselected / 4 selected\n\na.py ..   [ 50%]\ntests/b.py .`,
      'pytest stopped in tests/b.py, after 3 of 4 tests',
      'tests/b.py .',
    ],
    [`${PYTEST}collected 4 items\n\na.py .F`, '1 of 2 tests so far failed', 'a.py .F'],
    [
      'test_a (ut.T.test_a) ... ok\ntest_b (ut.T.test_b) ... ',
      'unittest stopped in ut.T.test_b, after 1 test',
      'test_b (ut.T.test_b) ...',
    ],
    [
      'test_a (ut.T.test_a) ... ok\ntest_b (ut.T.test_b)\nWhat it is for. ... ',
      'unittest stopped in ut.T.test_b, after 1 test',
      'What it is for. ...',
    ],
    [CARGO + DOC_TESTS, 'src/lib.rs stopped after 0 of 3 tests', 'running 3 tests'],
    [
      `${CARGO}test t::a ... ok\ntest t::b ... ${DOC_TESTS}`,
      'src/lib.rs stopped after 1 of 3 tests',
      'running 3 tests',
    ],
    [
      `${CARGO}test t::a ... ok\ntest t::b ... `,
      'src/lib.rs stopped in t::b, after 1 of 3 tests',
      'test t::b ...',
    ],
  ] as const)(
    'that were ended from within fail it, unless that is allowed: %#',
    async (output, why, line) => {
      const outcome = await run(prints(output), printing);
      expect(messages(outcome)[0]).toBe(`work exited with code 0, although ${why}`);
      expect(outcome.findings[0]?.hint).toContain('something has ended the runner from within, such as `');
      expect(outcome.tests?.isComplete).toBe(false);
      const allow = [{ type: 'text', text: line }] as const;
      const allowed = await run(prints(output), { ...printing, expect: { ...EXPECT_SUCCESS, allow } });
      expect(codes(allowed)).not.toContain('failed-tests');
    },
  );

  const VERBOSE = `${PYTEST}collected 4 items\n\na.py::test_one PASSED      [ 25%]\n`;
  test.each([
    // What `head` leaves of a whole run, and `grep -v`.
    VERBOSE,
    `${PYTEST}collected 4 items\n\na.py .         [ 25%]\n`,
    'test_a (ut.T.test_a) ... ok\n',
    `${CARGO}test t::a ... ok\n`,
    `     Running unittests src/lib.rs (target/debug/deps/stop-2d)\n\nrunning 3 tests\n\n\n   Doc-tests stop\n\nrunning 0 tests\n\n`,
    // A live log, which no test is named after, and what a test prints with `-s`.
    `${VERBOSE}a.py::test_two \n------ live log call ------\nINFO     root:a.py:3 hello\n`,
    `${VERBOSE}a.py::test_two \nhello`,
    // All tests have been told: a plugin has another summary, or ends pytest by itself; so does `-qq`.
    `${PYTEST}collected 2 items\n\na.py ..`,
    '..',
    '..                                       [100%]',
    // It is not known how many there are.
    `${PYTEST}\na.py .`,
    // A test runs the program of its tests once more, which ends as it should.
    `     Running tests/it.rs (target/debug/deps/it-2d)\n\nrunning 1 test\n\nrunning 1 test\ntest result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s\n\n`,
  ])('that may have come to their end do not: %#', async (output) => {
    expect(codes(await run(prints(output), printing))).not.toContain('failed-tests');
  });

  test.each([0, 1])(
    'of several runners that disagree are not told, which a note says (exit code %s)',
    async (code) => {
      const outcome = await run(prints(printed('vitest-ok-json') + printed('go-ok'), code), printing);
      expect(outcome.tests).toBeUndefined();
      expect(codes(outcome)).toEqual([...(code === 0 ? [] : ['exit-code']), 'untold-tests']);
      expect(messages(outcome).at(-1)).toMatch(
        /^the single tests of work are not told: what looks like go test in lines? \d+/,
      );
      expect(codes(await run(prints(printed('go-ok')), printing))).toEqual([]);
    },
  );

  test('so far are told of a command that ends in the middle', async () => {
    const output = printed('pytest-v').split('test_math.py::test_adds')[0] ?? '';
    const outcome = await run(prints(output, 137), printing);
    expect(outcome.tests).toMatchObject({ isComplete: false, counts: { passed: 1, failed: 1 } });
    expect(messages(outcome)[0]).toMatch(/: 1 of 2 tests so far failed: /);
  });

  test('are none for a command that prints nothing, or more than is read', async () => {
    expect((await run(() => 0, printing)).tests).toBeUndefined();
    const flood = Buffer.alloc(1024 * 1024, 'x\n').toString();
    const outcome = await run((command) => {
      for (let at = 0; at < 65; at += 1) command?.print(flood);
      return prints(printed('pytest-v'))(command);
    }, printing);
    expect(outcome.tests).toBeUndefined();
  });
});

test.each([
  // [mtime, ctime, now] in ms, and how long to wait.
  ['long ago', [5.5, 5.5, 10_000], 0],
  ['just now', [9995.5, 9995.5, 10_000], 15.5],
  ['with its time set back just now', [5.5, 9995.5, 10_000], 15.5],
  ['just now, where times are whole seconds', [9000, 9000, 10_000], 1000],
  ['in the future', [20_000.5, 20_000.5, 10_000], 0],
] as const)('a file written %s can be told from one that is written next', (_, [mtime, ctime, now], wait) => {
  const ns = (ms: number): bigint => BigInt(ms * 1000) * 1000n;
  expect(untilNextTick({ mtimeNs: ns(mtime), ctimeNs: ns(ctime) }, now)).toBe(wait);
});

test('a log knows what each process has printed, however they take turns', () => {
  const log = new ComponentLog(join(folder, 'some.log'));
  for (let at = 0; at < 3; at += 1) {
    log.write('server', Buffer.from(`s${at}\n`));
    log.write('client', Buffer.from(`c${at}`));
    log.write('client', Buffer.from('\n==> server <==\n'));
  }
  expect(log.printedBy('client', 1000)?.toString()).toBe(
    'c0\n==> server <==\nc1\n==> server <==\nc2\n==> server <==\n',
  );
  expect(log.printedBy('server', 9)?.toString()).toBe('s0\ns1\ns2\n');
  expect(log.printedBy('server', 8)).toBeUndefined();
  expect(log.printedBy('nobody', 8)?.length).toBe(0);
  rmSync(join(folder, 'some.log'));
  log.restore();
  log.write('server', Buffer.from('s3\n'));
  expect(log.printedBy('server', 1000)?.toString()).toBe('s0\ns1\ns2\ns3\n');
  log.close();
  expect(log.printedBy('server', 1000)).toBeUndefined();
});
