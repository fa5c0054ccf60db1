/**
 * What test runners say when there was nothing for them to run, which most of them call a success: a glob that matches no file,
 * a filter that matches no test, a folder that was moved, or tests that were all skipped. Zero work never passes. Of the last
 * neither `go test`, CTest nor `unittest` says anything on a line of its own.
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
}

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
    ran: /^(?:ok {2}\t\S+\t(?!.*\[no tests to run\])|[ \t]*--- (?:PASS|FAIL): )/,
    needles: ['[no test files]', 'ok  \t', 'testing: warning: no tests to run', '--- PASS: ', '--- FAIL: '],
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
    needles: [' tests in ', ' test in '],
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
    nothing: /^No tests were found!!!$/,
    ran: /^\d+% tests passed, \d+ tests failed out of [1-9]/,
    needles: ['No tests were found!!!', '% tests passed, '],
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

const any = (expressions: readonly RegExp[]): RegExp =>
  new RegExp(expressions.map(({ source }) => `(?:${source})`).join('|'), 'u');

const needles = RUNNERS.flatMap((runner) => runner.needles);

/** What to watch the output of a step for. */
export const TEST_RUNS: readonly Watch[] = [
  { name: NOTHING, regex: any(RUNNERS.map(({ nothing }) => nothing)), extent: 1, needles },
  { name: RAN, regex: any(RUNNERS.map(({ ran }) => ran)), extent: 1, needles },
];

/** @returns a finding when the step `step`, which ended as it should, told of no test but that there was none */
export function withoutTests(scanner: OutputScanner, step: string): Finding[] {
  const seen = new Map(scanner.sightings().map((sighting) => [sighting.name, sighting]));
  if ((seen.get(RAN)?.count ?? 0) > 0) return [];
  const said = seen.get(NOTHING)?.excerpts[0]?.text[0];
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
