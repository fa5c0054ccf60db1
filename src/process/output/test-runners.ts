/**
 * How test runners say that there was nothing to run, that everything was skipped, or that tests ran. Each expression
 * takes time proportional to the line, whatever its content.
 */

/** What a runner prints, line by line; each of those lines contains one of the texts. */
export interface Runner {
  readonly name: string;
  /** There was nothing to run. */
  readonly none?: RegExp;
  /** There was something, and all of it was skipped. */
  readonly skipped?: RegExp;
  readonly ran?: RegExp;
  /** For runners whose lines tell these apart only when they are taken together. */
  readonly account?: Account;
  readonly requiredText: readonly string[];
}

/** Lines that are counted against each other: what is claimed and not disclaimed has run. */
export interface Account {
  /** Tests, or test programs, that may have run. */
  readonly claims: Count;
  /** Those of them that did not run, or that report for themselves what they ran. */
  readonly disclaims: Count;
  /** Whether what is disclaimed was skipped. */
  readonly areSkipped: boolean;
  /** A text that every disclaiming line contains, if the lines differ. */
  readonly common?: string;
}

export interface Count {
  readonly line: RegExp;
  /** Makes a function for one output, which is given its matching lines in order and says how many each counts for. Default: one. */
  readonly weigh?: () => (line: string) => number;
}

/** The numbers of a line, added up. */
const sum =
  (number: RegExp): (() => (line: string) => number) =>
  () =>
  (line) =>
    [...line.matchAll(number)].reduce((total, { 1: digits }) => total + Number(digits), 0);

/** A line that says nothing by itself disclaims the next one that claims. */
const takenBackBy =
  (first: RegExp, weigh: (line: string) => number): (() => (line: string) => number) =>
  () => {
    let isSeen = false;
    return (line) => {
      const weight = !first.test(line) && isSeen ? weigh(line) : 0;
      isSeen = first.test(line);
      return weight;
    };
  };

/** With `-v` every test has a line of its own, so the last line of a package adds nothing to them. */
const GO: Account = {
  claims: { line: /^ok {2}\t\S+\t(?!.*\[no tests to run\])/ },
  disclaims: {
    line: /^(?:ok {2}\t\S+\t(?!.*\[no tests to run\])|[ \t]*--- SKIP: )/,
    weigh: takenBackBy(/^[ \t]*--- SKIP: /, () => 1),
  },
  areSkipped: true,
  common: '--- SKIP: ',
};

/** Each program of a crate reports what it ran, unless it has its own runner (`harness = false`), about which nothing is known. */
const CARGO_PROGRAM =
  /^ +(?:Doc-tests \S|Running (?:[^`(]*\([^)]*|`?\S*)[/\\]deps[/\\][\w-]+-[0-9a-f]{16}\b)/;
const CARGO: Account = {
  claims: { line: CARGO_PROGRAM },
  disclaims: {
    line: new RegExp(`${CARGO_PROGRAM.source}|^test result: `),
    weigh: takenBackBy(CARGO_PROGRAM, () => 1),
  },
  areSkipped: false,
};

const WHOLE_METHOD = /^(\w+) \((\S+)\) \.\.\. skipped ['"]/;

/** Before Python 3.11 the method was not named in brackets, and subtests had no lines of their own. */
function isWholeMethod(line: string): boolean {
  const [, method, path] = WHOLE_METHOD.exec(line) ?? [];
  return method !== undefined && path?.split('.').at(-1) === method;
}

/**
 * A test that skips only some of its subtests is counted as skipped all the same. With `-v` subtests have indented lines
 * of their own; without it nothing is certain.
 */
const UNITTEST: Account = {
  claims: { line: /^Ran [1-9]\d* tests? in /, weigh: sum(/^Ran (\d+)/g) },
  disclaims: { line: WHOLE_METHOD, weigh: () => (line) => (isWholeMethod(line) ? 1 : 0) },
  areSkipped: true,
  common: '... skipped ',
};

/** Skipped tests count as passed, and are listed at the end; disabled ones do not count. */
const CTEST: Account = {
  claims: { line: /^\d+% tests passed, \d+ tests failed out of \d/, weigh: sum(/ out of (\d+)/g) },
  disclaims: { line: /^\t +\d+ - .* \(Skipped\)/ },
  areSkipped: true,
  common: '(Skipped)',
};

const EXUNIT: Account = {
  claims: {
    line: /^(?:\d+ \w+, )*\d+ (?:tests?|doctests?|property|properties), \d+ failures?\b/,
    weigh: sum(/\b(\d+) (?:tests?|doctests?|property|properties),/g),
  },
  disclaims: {
    line: /^(?:\d+ \w+, )*\d+ (?:tests?|doctests?|property|properties), \d+ failures?, /,
    weigh: sum(/\b(\d+) (?:skipped|excluded)/g),
  },
  areSkipped: true,
};

/** The number that it says were run includes the skipped ones. */
const BUN: Account = {
  claims: { line: /^Ran \d+ tests? across /, weigh: sum(/^Ran (\d+)/g) },
  disclaims: {
    line: /^(?: 0 pass$|Ran \d+ tests? across )/,
    weigh: takenBackBy(/^ 0 pass$/, sum(/^Ran (\d+)/g)()),
  },
  areSkipped: true,
};

const PLAYWRIGHT: Account = {
  claims: { line: /^Running [1-9]\d* tests? using \d+ worker/, weigh: sum(/^Running (\d+)/g) },
  disclaims: { line: /^ {2}[1-9]\d* skipped$/, weigh: sum(/(\d+)/g) },
  areSkipped: true,
};

export const RUNNERS: readonly Runner[] = [
  {
    // TAP: `node --test` and tape.
    name: 'node --test',
    none: /^(?:#|ℹ) tests 0$/,
    skipped: /^(?:#|ℹ) skipped [1-9]\d*$/,
    ran: /^(?:#|ℹ) (?:pass|fail|cancelled|todo) +[1-9]\d*$/,
    requiredText: ['# ', 'ℹ '].flatMap((mark) =>
      ['tests ', 'skipped ', 'pass ', 'fail ', 'cancelled ', 'todo '].map((word) => mark + word),
    ),
  },
  {
    name: 'go test',
    none: /^(?:\?[ \t]+\S+[ \t]+\[no test files\]|ok {2}\t.*\[no tests to run\]|testing: warning: no tests to run)$/,
    ran: /^(?:[ \t]*--- (?:PASS|FAIL): |Benchmark\S*[ \t]+\d)/,
    account: GO,
    requiredText: [
      '[no test files]',
      '[no tests to run]',
      'ok  \t',
      'testing: warning: no tests to run',
      '--- PASS: ',
      '--- FAIL: ',
      '--- SKIP: ',
      'Benchmark',
    ],
  },
  {
    name: 'cargo test',
    none: /^running 0 tests$/,
    skipped: /^test result: ok\. 0 passed; 0 failed; [1-9]\d* ignored; 0 measured; /,
    ran: /^test result: \w+\. (?:\d+ \w+; )*?[1-9]\d* (?:passed|failed|measured);/,
    account: CARGO,
    requiredText: ['running 0 ', 'test result: ', '     Running ', '   Doc-tests '],
  },
  {
    name: 'cargo nextest',
    none: /^[ \t]*Summary \[[^\]]*\] 0 tests run: /,
    ran: /^[ \t]*Summary \[[^\]]*\] [1-9]\d* tests? run: /,
    requiredText: [' tests run: ', ' test run: '],
  },
  {
    name: 'unittest',
    none: /^Ran 0 tests in /,
    account: UNITTEST,
    requiredText: [' tests in ', ' test in ', ' ... skipped '],
  },
  {
    name: 'pytest',
    none: /^(?:=+ )?(?:no tests ran|\d+ deselected(?:, \d+ warnings?)*) in \d/,
    skipped: /^(?:=+ )?\d+ skipped(?:, \d+ (?:deselected|warnings?))* in \d/,
    ran: /^(?:=+ )?(?:\d+ (?!(?:subtests )?(?:passed|failed|xfailed|xpassed))\w+(?: \w+)?, )*[1-9]\d* (?:subtests )?(?:passed|failed|xfailed|xpassed)(?:, \d+ \w+(?: \w+)?)* in \d/,
    requiredText: [
      'no tests ran in ',
      ' deselected',
      ' skipped',
      ' passed',
      ' failed',
      ' xfailed',
      ' xpassed',
    ],
  },
  {
    name: 'mocha',
    none: /^[ \t]*0 passing \(/,
    skipped: /^[ \t]*[1-9]\d* pending$/,
    ran: /^[ \t]*[1-9]\d* passing \(/,
    requiredText: [' passing (', ' pending'],
  },
  {
    name: 'jest',
    none: /^No tests found, exiting with code 0$/,
    skipped: /^Tests: +(?:\d+ (?:skipped|todo), )+\d+ total$/,
    ran: /^Tests: +(?:\d+ \w+, )*[1-9]\d* (?:passed|failed), /,
    requiredText: ['No tests found, exiting', 'Tests: '],
  },
  {
    name: 'vitest',
    none: /^[ \t]*No test files found, exiting with code 0$/,
    skipped: /^ +Tests +(?:\d+ todo \| )?\d+ (?:skipped|todo)(?: \| \d+ todo)? \(/,
    ran: /^ +Tests +(?:\d+ \w+ \| )*[1-9]\d* (?:passed|failed)/,
    requiredText: ['No test files found, exiting', ' Tests  '],
  },
  {
    name: 'AVA',
    none: /^[ \t]*[^\w\s]? ?(?:Couldn.t find any (?:files to test|matching tests)|No tests found in )/,
    skipped: /^[ \t]*[1-9]\d* tests? skipped$/,
    ran: /^[ \t]*[1-9]\d* tests? (?:passed|failed)$/,
    requiredText: [
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
    none: /^[ \t]*No test files found$/,
    skipped: /^# \{ total: (?<taps>[1-9]\d*), skip: \k<taps> \}$/,
    ran: /^# \{ total: \d+, (?:\w+: \d+, )*?(?:pass|fail|todo): [1-9]/,
    requiredText: ['No test files found', '# { total: '],
  },
  {
    name: 'Jasmine',
    none: /^(?:No specs found|0 specs, 0 failures)/,
    skipped: /^(?<specs>[1-9]\d*) specs?, 0 failures, \k<specs> pending /,
    ran: /^(?!(?<pending>\d+) specs?, 0 failures, \k<pending> pending )[1-9]\d* specs?, \d+ failures?/,
    requiredText: ['No specs found', ' specs, ', ' spec, '],
  },
  {
    name: 'uvu',
    none: /^[ \t]*Total: +0$/,
    skipped: /^[ \t]*Skipped: +[1-9]\d*$/,
    ran: /^[ \t]*Passed: +[1-9]\d*$/,
    requiredText: ['Total: ', 'Skipped: ', 'Passed: '],
  },
  {
    name: 'CTest',
    none: /^No tests were found!!!$/,
    skipped: /^ *\d+\/\d+ Test +#\d+: .*\*\*\*Not Run \(Disabled\) /,
    account: CTEST,
    requiredText: ['No tests were found!!!', '***Not Run (Disabled)', '% tests passed, ', ' (Skipped)'],
  },
  {
    name: 'Maven Surefire',
    none: /^\[(?:INFO|WARNING)\] (?:No tests to run\.|No tests were executed!|Tests run: 0, Failures: 0, Errors: 0, Skipped: 0$)/,
    skipped: /^\[(?:INFO|WARNING)\] Tests run: (?<runs>[1-9]\d*), Failures: 0, Errors: 0, Skipped: \k<runs>$/,
    ran: /^\[(?:INFO|WARNING|ERROR)\] +(?!Tests run: (?<skips>\d+), Failures: 0, Errors: 0, Skipped: \k<skips>(?!\d))Tests run: [1-9]/,
    requiredText: ['No tests to run.', 'No tests were executed!', 'Tests run: '],
  },
  {
    name: 'RSpec',
    none: /^0 examples, 0 failures/,
    skipped: /^(?<examples>[1-9]\d*) examples?, 0 failures, \k<examples> pending$/,
    ran: /^(?!(?<pendings>\d+) examples?, 0 failures, \k<pendings> pending$)[1-9]\d* examples?, \d+ failures?/,
    requiredText: [' examples, ', ' example, '],
  },
  {
    name: 'PHPUnit',
    none: /^No tests executed!/,
    skipped: /^Tests: (?<cases>\d+), Assertions: 0, Skipped: \k<cases>\.$/,
    ran: /^(?:OK \([1-9]|(?!Tests: (?<left>\d+), Assertions: 0, Skipped: \k<left>\.$)Tests: [1-9])/,
    requiredText: ['No tests executed!', ' assertion', 'Tests: '],
  },
  {
    name: 'GoogleTest',
    none: /^\[ +PASSED +\] 0 tests\.$/,
    skipped: /^\[ +SKIPPED +\] [1-9]\d* tests?, listed below/,
    ran: /^\[ +(?:PASSED|FAILED) +\] [1-9]\d* tests?\b/,
    requiredText: ['PASSED  ] ', 'FAILED  ] ', 'SKIPPED ] '],
  },
  {
    name: 'Catch2',
    none: /^No tests ran$/,
    skipped: /^test cases: +(?<all>\d+) \| +\k<all> skipped$/,
    ran: /^(?:All tests passed \(|test cases: +\d+ \| +[1-9]\d* (?:passed|failed))/,
    requiredText: ['No tests ran', 'All tests passed (', 'test cases: '],
  },
  {
    name: 'prove',
    none: /^Result: NOTESTS$/,
    ran: /^Result: (?:PASS|FAIL)$/,
    requiredText: ['Result: '],
  },
  {
    name: 'deno test',
    none: /^ok \| 0 passed /,
    skipped: /^ok \| 0 passed \| 0 failed \| [1-9]\d* ignored /,
    ran: /^(?:ok|FAILED) \| [1-9]/,
    requiredText: [' passed ', ' passed (', ' failed'],
  },
  {
    name: 'dotnet test',
    none: /^No test (?:is available in |matches the given testcase filter )/,
    skipped: /^Skipped! +- Failed: /,
    ran: /^(?:Passed|Failed)! +- Failed: /,
    requiredText: ['No test is available in ', 'No test matches ', '- Failed: '],
  },
  {
    // Also test-unit.
    name: 'minitest',
    none: /^(?:0 (?:runs|tests), 0 assertions, |Nothing ran for filter: )/,
    skipped: /^(?<methods>[1-9]\d*) runs, 0 assertions, 0 failures, 0 errors, \k<methods> skips/,
    ran: /^(?!(?<omitted>\d+) runs, 0 assertions, 0 failures, 0 errors, \k<omitted> skips)[1-9]\d* (?:runs|tests), \d+ assertions, /,
    requiredText: [' runs, ', ' assertions, ', 'Nothing ran for filter: '],
  },
  {
    // Also bats, when it writes for people.
    name: 'ExUnit',
    none: /^(?:0 tests, 0 failures|There are no tests to run$)/,
    account: EXUNIT,
    requiredText: [
      ' tests, ',
      ' test, ',
      ' doctest, ',
      ' doctests, ',
      ' property, ',
      ' properties, ',
      'There are no tests to run',
    ],
  },
  {
    name: 'bun test',
    none: /^Ran 0 tests across /,
    account: BUN,
    requiredText: [' 0 pass', ' tests across ', ' test across '],
  },
  {
    name: 'Playwright',
    account: PLAYWRIGHT,
    requiredText: ['tests using ', 'test using ', ' skipped'],
  },
  {
    // XCTest and Swift Testing: in a package with tests of only one kind, the other says that it ran none.
    name: 'swift test',
    none: /^(?:[ \t]*Executed 0 tests, |(?:[^\w\s]+ +)?Test run with 0 tests )/,
    skipped:
      /^[ \t]*Executed (?<methodsOfAll>[1-9]\d*) tests?, with \k<methodsOfAll> tests? skipped and 0 failures/,
    ran: /^(?:[ \t]*(?!Executed (?<skippedOfAll>\d+) tests?, with \k<skippedOfAll> tests? skipped and 0 failures)Executed [1-9]\d* tests?, |(?:[^\w\s]+ +)?Test run with [1-9]\d* tests? )/,
    requiredText: ['Executed ', 'Test run with '],
  },
];
