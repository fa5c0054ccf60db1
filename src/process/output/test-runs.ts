/**
 * What test runners say when there was nothing for them to run, which most of them call a success: a glob that matches no file,
 * a filter that matches no test, a folder that was moved, or tests that were all skipped. Zero work never passes. Of the last
 * `go test` says nothing at all without `-v`.
 *
 * A runner may be called several times, as for each package of a workspace, and many tell of parts that hold no test
 * (`cargo` of its doc tests, `go` of each package): only when none of the runners tells of a test that ran was there nothing.
 */
import type { Finding } from '../../domain/finding.ts';
import type { OutputScanner, Watch } from './scanner.ts';

/** How a runner says which of the two it was, on a line of its own; with texts of which such a line holds one. */
interface Runner {
  readonly name: string;
  readonly nothing: RegExp;
  readonly ran: RegExp;
  readonly needles: readonly string[];
  /** For runners that say the same of tests which ran and of tests which were all skipped. */
  readonly skipped?: AllSkipped;
}

/** How a line that `ran` takes for tests is seen to tell of skipped ones only: each takes back one such line. */
interface AllSkipped {
  /** That line itself, or one that follows it. */
  readonly line: RegExp;
  /** @returns the line that says it; undefined where something may have run */
  readonly seenIn: (above: readonly string[], line: string) => string | undefined;
}

const after = (lines: readonly string[], start: RegExp): readonly string[] =>
  lines.slice(lines.findLastIndex((line) => start.test(line)) + 1);

/** With `-v` every test has a line of its own, so the last one of a package says no more than these do. */
const GO_SKIPPED: AllSkipped = {
  line: /^ok {2}\t/,
  seenIn: (above) => after(above, /^(?:ok {2}|FAIL|\?)\t/).findLast((line) => /^[ \t]*--- SKIP: /.test(line)),
};

/** A test may skip several parts of itself, so that the number of skips alone does not tell: a test that passed shows. */
const UNITTEST_SKIPPED: AllSkipped = {
  line: /^OK \(skipped=\d+\)$/,
  seenIn: (above, line) => {
    const tests = Number(/^Ran (\d+) tests? in /.exec(above.at(-2) ?? '')?.[1] ?? 0);
    const skips = Number(/\d+/.exec(line)?.[0]);
    const hasPassed = above.some((each) => /^[sxuEF]*\.[.sxuEF]*$| \.\.\. ok$/.test(each));
    return tests > 0 && skips >= tests && !hasPassed ? line : undefined;
  },
};

/** Of more than so many tests no more need be seen. */
const CTEST_SEEN = 10;

/** What is skipped counts as passed; what is disabled does not count. */
const CTEST_SKIPPED: AllSkipped = {
  line: /^100% tests passed, 0 tests failed out of [1-9]/,
  seenIn: (above, line) => {
    const skips = after(above, /^Test project /).filter((each) =>
      /^ *\d+\/\d+ Test +#\d+: .*\*\*\*Skipped /.test(each),
    );
    return skips.length >= Math.min(CTEST_SEEN, Number(/ out of (\d+)/.exec(line)?.[1]))
      ? skips.at(-1)
      : undefined;
  },
};

/** Each expression takes time in proportion to the line, whatever that holds. */
export const RUNNERS: readonly Runner[] = [
  {
    // Of TAP: `node --test` and tape.
    name: 'node --test',
    nothing: /^(?:#|ℹ) (?:tests 0|skipped [1-9]\d*)$/,
    ran: /^(?:#|ℹ) (?:pass|fail|cancelled|todo) +[1-9]\d*$/,
    needles: ['# ', 'ℹ '].flatMap((mark) =>
      ['tests ', 'skipped ', 'pass ', 'fail ', 'cancelled ', 'todo '].map((word) => mark + word),
    ),
  },
  {
    name: 'go test',
    nothing:
      /^(?:\?[ \t]+\S+[ \t]+\[no test files\]|ok {2}\t.*\[no tests to run\]|testing: warning: no tests to run)$/,
    ran: /^(?:ok {2}\t\S+\t(?!.*\[no tests to run\])|[ \t]*--- (?:PASS|FAIL): |Benchmark\S*[ \t]+\d)/,
    needles: [
      '[no test files]',
      'ok  \t',
      'testing: warning: no tests to run',
      '--- PASS: ',
      '--- FAIL: ',
      'Benchmark',
    ],
    skipped: GO_SKIPPED,
  },
  {
    name: 'cargo test',
    nothing: /^(?:running 0 tests$|test result: ok\. 0 passed; 0 failed; [1-9]\d* ignored; 0 measured; )/,
    ran: /^test result: \w+\. (?:\d+ \w+; )*?[1-9]\d* (?:passed|failed|measured);/,
    needles: ['running 0 ', 'test result: '],
  },
  {
    name: 'cargo nextest',
    nothing: /^[ \t]*Summary \[[^\]]*\] 0 tests run: /,
    ran: /^[ \t]*Summary \[[^\]]*\] [1-9]\d* tests? run: /,
    needles: [' tests run: ', ' test run: '],
  },
  {
    name: 'unittest',
    nothing: /^Ran 0 tests in /,
    ran: /^Ran [1-9]\d* tests? in /,
    needles: [' tests in ', ' test in ', 'OK (skipped='],
    skipped: UNITTEST_SKIPPED,
  },
  {
    name: 'pytest',
    nothing: /^(?:=+ )?(?:no tests ran|\d+ (?:skipped|deselected)(?:, \d+ (?:deselected|warnings?))*) in \d/,
    ran: /^(?:=+ )?(?:\d+ \w+, )*[1-9]\d* (?:passed|failed|xfailed|xpassed)(?:, \d+ \w+)* in \d/,
    needles: ['no tests ran in ', ' deselected', ' skipped', ' passed', ' failed', ' xfailed', ' xpassed'],
  },
  {
    name: 'mocha',
    nothing: /^[ \t]*0 passing \(/,
    ran: /^[ \t]*[1-9]\d* passing \(/,
    needles: [' passing ('],
  },
  {
    name: 'jest',
    nothing: /^(?:No tests found, exiting with code 0|Tests: +(?:\d+ (?:skipped|todo), )+\d+ total)$/,
    ran: /^Tests: +(?:\d+ \w+, )*[1-9]\d* (?:passed|failed), /,
    needles: ['No tests found, exiting', 'Tests: '],
  },
  {
    name: 'vitest',
    nothing:
      /^(?:[ \t]*No test files found, exiting with code 0$| +Tests +(?:\d+ todo \| )?\d+ (?:skipped|todo)(?: \| \d+ todo)? \()/,
    ran: /^ +Tests +(?:\d+ \w+ \| )*[1-9]\d* (?:passed|failed)/,
    needles: ['No test files found, exiting', ' Tests  '],
  },
  {
    name: 'AVA',
    nothing:
      /^[ \t]*(?:[1-9]\d* tests? skipped$|[^\w\s]? ?(?:Couldn.t find any (?:files to test|matching tests)|No tests found in ))/,
    ran: /^[ \t]*[1-9]\d* tests? (?:passed|failed)$/,
    needles: [
      't find any files to test',
      't find any matching tests',
      'No tests found in ',
      ' passed',
      ' failed',
      ' skipped',
    ],
  },
  {
    name: 'tap',
    nothing: /^(?:[ \t]*No test files found|# \{ total: (?<taps>[1-9]\d*), skip: \k<taps> \})$/,
    ran: /^# \{ total: \d+, (?:\w+: \d+, )*?(?:pass|fail|todo): [1-9]/,
    needles: ['No test files found', '# { total: '],
  },
  {
    name: 'Jasmine',
    nothing: /^(?:No specs found|(?<specs>\d+) specs?, 0 failures, \k<specs> pending |0 specs, 0 failures)/,
    ran: /^(?!(?<pending>\d+) specs?, 0 failures, \k<pending> pending )[1-9]\d* specs?, \d+ failures?/,
    needles: ['No specs found', ' specs, ', ' spec, '],
  },
  {
    name: 'uvu',
    nothing: /^[ \t]*(?:Total: +0|Skipped: +[1-9]\d*)$/,
    ran: /^[ \t]*Passed: +[1-9]\d*$/,
    needles: ['Total: ', 'Skipped: ', 'Passed: '],
  },
  {
    name: 'CTest',
    nothing: /^(?:No tests were found!!!$| *\d+\/\d+ Test +#\d+: .*\*\*\*Not Run \(Disabled\) )/,
    ran: /^\d+% tests passed, \d+ tests failed out of [1-9]/,
    needles: ['No tests were found!!!', '***Not Run (Disabled)', '% tests passed, '],
    skipped: CTEST_SKIPPED,
  },
  {
    name: 'Maven Surefire',
    nothing:
      /^\[(?:INFO|WARNING)\] (?:No tests to run\.|No tests were executed!|Tests run: (?<runs>\d+), Failures: 0, Errors: 0, Skipped: \k<runs>$)/,
    ran: /^\[(?:INFO|WARNING|ERROR)\] +(?!Tests run: (?<skips>\d+), Failures: 0, Errors: 0, Skipped: \k<skips>(?!\d))Tests run: [1-9]/,
    needles: ['No tests to run.', 'No tests were executed!', 'Tests run: '],
  },
  {
    name: 'RSpec',
    nothing: /^(?:0 examples, 0 failures|(?<examples>\d+) examples?, 0 failures, \k<examples> pending$)/,
    ran: /^(?!(?<pendings>\d+) examples?, 0 failures, \k<pendings> pending$)[1-9]\d* examples?, \d+ failures?/,
    needles: [' examples, ', ' example, '],
  },
  {
    name: 'PHPUnit',
    nothing: /^(?:No tests executed!|Tests: (?<cases>\d+), Assertions: 0, Skipped: \k<cases>\.)$/,
    ran: /^(?:OK \([1-9]|(?!Tests: (?<left>\d+), Assertions: 0, Skipped: \k<left>\.$)Tests: [1-9])/,
    needles: ['No tests executed!', ' assertion', 'Tests: '],
  },
  {
    name: 'GoogleTest',
    nothing: /^\[ +PASSED +\] 0 tests\.$/,
    ran: /^\[ +(?:PASSED|FAILED) +\] [1-9]\d* tests?\b/,
    needles: ['PASSED  ] ', 'FAILED  ] '],
  },
  {
    name: 'Catch2',
    nothing: /^(?:No tests ran|test cases: +(?<all>\d+) \| +\k<all> skipped)$/,
    ran: /^(?:All tests passed \(|test cases: +\d+ \| +[1-9]\d* (?:passed|failed))/,
    needles: ['No tests ran', 'All tests passed (', 'test cases: '],
  },
  {
    name: 'prove',
    nothing: /^Result: NOTESTS$/,
    ran: /^Result: (?:PASS|FAIL)$/,
    needles: ['Result: '],
  },
  {
    name: 'deno test',
    nothing: /^ok \| 0 passed /,
    ran: /^(?:ok|FAILED) \| [1-9]/,
    needles: [' passed ', ' passed (', ' failed'],
  },
  {
    name: 'dotnet test',
    nothing: /^(?:No test (?:is available in |matches the given testcase filter )|Skipped! +- Failed: )/,
    ran: /^(?:Passed|Failed)! +- Failed: /,
    needles: ['No test is available in ', 'No test matches ', '- Failed: '],
  },
];

const NOTHING = 'no test ran';
const RAN = 'tests ran';
const SKIPPED = 'all tests were skipped';

const any = (expressions: readonly RegExp[]): RegExp =>
  new RegExp(expressions.map(({ source }) => `(?:${source})`).join('|'), 'u');

const needles = RUNNERS.flatMap((runner) => runner.needles);
const skips = RUNNERS.flatMap(({ skipped }) => skipped ?? []);

/** Which line says that all were skipped, for the first runner that is known by this one. */
function leadIn(above: readonly string[], line: string): string[] | undefined {
  for (const skip of skips) {
    const seen = skip.line.test(line) ? skip.seenIn(above, line) : undefined;
    if (seen !== undefined) return [seen];
  }
  return undefined;
}

/** What to watch the output of a step for. */
export const TEST_RUNS: readonly Watch[] = [
  { name: NOTHING, regex: any(RUNNERS.map(({ nothing }) => nothing)), extent: 1, needles },
  { name: RAN, regex: any(RUNNERS.map(({ ran }) => ran)), extent: 1, needles },
  { name: SKIPPED, regex: any(skips.map(({ line }) => line)), extent: 1, needles, leadIn },
];

/** @returns a finding when the step `step`, which ended as it should, told of no test but that there was none */
export function withoutTests(scanner: OutputScanner, step: string): Finding[] {
  const seen = new Map(scanner.sightings().map((sighting) => [sighting.name, sighting]));
  const skipped = seen.get(SKIPPED);
  if ((seen.get(RAN)?.count ?? 0) > (skipped?.count ?? 0)) return [];
  const said = seen.get(NOTHING)?.excerpts[0]?.text[0] ?? skipped?.excerpts[0]?.text[0];
  if (said === undefined) return [];
  return [
    {
      code: 'zero-work',
      step,
      message: `${step} ran no test: ${said.trim()}`,
      evidence: scanner.tail(6),
      hint: 'see which files and names its runner looks for; if there is nothing to run, allow that line: expect: { allow: [...] }',
    },
  ];
}
