/**
 * What test runners say when there was nothing for them to run, which most of them call a success: a glob that matches no file,
 * a filter that matches no test, a folder that was moved. Zero work never passes.
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
    nothing: /^(?:#|ℹ) tests 0$/,
    ran: /^(?:#|ℹ) tests [1-9]\d*$/,
    needles: ['# tests ', 'ℹ tests '],
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
    nothing: /^running 0 tests$/,
    ran: /^running [1-9]\d* tests?$/,
    needles: ['running '],
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
    nothing: /^(?:=+ )?(?:no tests ran|\d+ deselected) in \d/,
    ran: /^(?:=+ )?(?:\d+ \w+, )*[1-9]\d* (?:passed|failed|xfailed|xpassed)(?:, \d+ \w+)* in \d/,
    needles: ['no tests ran in ', ' deselected in ', 'passed', 'failed'],
  },
  {
    name: 'mocha',
    nothing: /^[ \t]*0 passing \(/,
    ran: /^[ \t]*[1-9]\d* passing \(/,
    needles: [' passing ('],
  },
  {
    name: 'jest',
    nothing: /^No tests found, exiting with code 0$/,
    ran: /^Tests: +(?:\d+ \w+, )*[1-9]\d* (?:passed|failed), /,
    needles: ['No tests found, exiting', 'Tests: '],
  },
  {
    name: 'vitest',
    nothing: /^[ \t]*No test files found, exiting with code 0$/,
    ran: /^ +Tests +(?:\d+ \w+ \| )*[1-9]\d* (?:passed|failed)/,
    needles: ['No test files found, exiting', ' Tests  '],
  },
  {
    name: 'AVA',
    nothing: /^[ \t]*[^\w\s]? ?(?:Couldn.t find any (?:files to test|matching tests)|No tests found in )/,
    ran: /^[ \t]*[1-9]\d* tests? (?:passed|failed)$/,
    needles: [
      't find any files to test',
      't find any matching tests',
      'No tests found in ',
      ' passed',
      ' failed',
    ],
  },
  {
    name: 'tap',
    nothing: /^[ \t]*No test files found$/,
    ran: /^# \{ total: [1-9]/,
    needles: ['No test files found', '# { total: '],
  },
  {
    name: 'Jasmine',
    nothing: /^(?:No specs found|0 specs, 0 failures)/,
    ran: /^[1-9]\d* specs?, \d+ failures?/,
    needles: ['No specs found', ' specs, ', ' spec, '],
  },
  {
    name: 'uvu',
    nothing: /^[ \t]*Total: +0$/,
    ran: /^[ \t]*Total: +[1-9]\d*$/,
    needles: ['Total: '],
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
      /^\[(?:INFO|WARNING)\] (?:No tests to run\.|No tests were executed!|Tests run: 0, Failures: 0, Errors: 0, Skipped: 0$)/,
    ran: /^\[(?:INFO|WARNING|ERROR)\] +Tests run: [1-9]/,
    needles: ['No tests to run.', 'No tests were executed!', 'Tests run: '],
  },
  {
    name: 'RSpec',
    nothing: /^0 examples, 0 failures/,
    ran: /^[1-9]\d* examples?, \d+ failures?/,
    needles: [' examples, ', ' example, '],
  },
  {
    name: 'PHPUnit',
    nothing: /^No tests executed!$/,
    ran: /^(?:OK \([1-9]|Tests: [1-9])/,
    needles: ['No tests executed!', 'OK (', 'Tests: '],
  },
  {
    name: 'GoogleTest',
    nothing: /^\[=+\] Running 0 tests from /,
    ran: /^\[=+\] Running [1-9]\d* tests? from /,
    needles: ['=] Running '],
  },
  {
    name: 'Catch2',
    nothing: /^No tests ran$/,
    ran: /^(?:All tests passed \(|test cases: +[1-9])/,
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
    needles: ['ok | ', 'FAILED | '],
  },
  {
    name: 'dotnet test',
    nothing: /^No test (?:is available in |matches the given testcase filter )/,
    ran: /^(?:Passed|Failed)! +- Failed: /,
    needles: ['No test is available in ', 'No test matches ', '! '],
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
