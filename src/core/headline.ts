/**
 * Picks, from the last lines of a failed program, the one that says what went wrong. A traceback ends with its
 * error, Node prints it in the middle, a compiler starts with it; plain scripts say it last. A fact that stands below the
 * line that announces it is joined to that line.
 */
import { assertionFact } from './assertion-fact.ts';
import { spokenIn } from './log-line.ts';
import { innermostFailure, tapBlock, tapMessage, tapValues } from './tap-block.ts';
import { isRunners, isRunnersTalk, runnersWord } from './task-runner.ts';
import { tellErrors, tornTracebacks } from './traceback.ts';

/** A compiler error, recognised by its place or its number. The first one is the one to read: it may cause the others. */
const COMPILER_ERROR =
  /^(?:[^\s:(]+(?::\d+(?::\d+)?|\(\d+,\d+\))(?::| -) (?:fatal )?error(?: \w+)?: |[^\s:(]+\.go:\d+:\d+: |error\[\w+\]: )/;

/** The first line of what `diff -u` prints. */
const FILE_DIFFERENCE = /^--- \S+\t\d{4}-/;

const TELLING: readonly RegExp[] = [
  COMPILER_ERROR,
  // tsc, of a config rather than a place; the reasons below it are indented.
  /^error TS\d+: ./,
  // Python, possibly with a module in front, and notes or a summary after it.
  /^(?:[\w.]+\.)?[A-Z]\w*(?:Error|Exception|Interrupt|Exit|Warning|Rejection)(?:: .+|:)?$/,
  /^(?:assert\b|AssertionError\b|E {3,}\w|(?:FAILED|ERROR) \S+::|Fatal Python error: ).*$/,
  // Node: "TypeError: x", "Error [ERR_X]: y", "AssertionError [ERR_ASSERTION]: z".
  /^(?:Uncaught )?\w*Error(?: \[\w+\])?: .+$/,
  // An error without a stack: Node puts it into brackets.
  /^\[\w*(?:Error|Rejection): ./,
  /^thread '.*' (?:\(\d+\) )?panicked at ./,
  /^(?:(?!panicked at ).)*\bpanicked at (?:'.*', )?\S+:\d+:\d+:?$/,
  /^(?:panic|fatal error|fatal|error|Error|ERROR|(?:PHP )?(?:Fatal|Parse) error)(?:\[\w+\])?:\s+\S/,
  /^.+: (?:error|fatal error)(?: \w+)?: ./,
  /^(?:terminate called |not ok \d+|--- FAIL: |Exception in thread "|note: test did not panic as expected)/,
  // Test runners: jest and Playwright, RSpec, minitest, AVA, uvu, doctest, JUnit by Maven, jasmine, test-unit.
  /^(?:expect\([\w. ]*\)\.[\w.]+\(|Failure\/Error: |[\w:]+#\w+ \[[^\]]+\]:$|✘ \[fail\]: |FAIL {2}"|Failed example:$)/,
  /^(?:● Test suite failed to run|\[ERROR\] {3}\w+\.\w+:\d+ |Expected \S.* to (?:be|equal|contain|have|match|throw)\b|Failure: \w+\(\w+\)$)/,
  FILE_DIFFERENCE,
  // Ruby: the place first, the class last.
  /^\S+:\d+:in .+ \(\w+\)$/,
  // PostgreSQL. Whoever comes while it starts or ends is turned away by a FATAL, and an abort has had its PANIC.
  /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[.\d]* \w+ \[\d+\] (?:\S+ )?(?:(?:FATAL|PANIC|ERROR): {2}(?!the database system is |terminating connection )|LOG: {2}[\w ()]* was terminated by signal (?!6:))/,
  /(?:command not found|: not found|No such file or directory|Permission denied|Segmentation fault|: undefined reference to |: Assertion `.+' failed\.$)/,
];

/** Lines that only announce what is in the next one. */
const ANNOUNCEMENT =
  /^(?:(?:.*\b)?panicked at \S+:|terminate called .+|--- FAIL: .+|AssertionError:|Failed example:|Test suite failed to run|FAIL {2}".*|.*\b(?:falsy value|Input|unexpected error):)$/;

/** How Node shows, below an error, the one that caused it; `fetch failed` says nothing without it. */
const NODE_CAUSE = /^\s+\[cause\]: (?=\S)/;
const JAVA_CAUSE = /^Caused by: (?=\S)/;

/** Lines that come last and say nothing. */
const EMPTY_TALK =
  /^(?:Node\.js v\d+|\(Use `node --trace|\s+at |\s*\^+\s*$|\}$|npm (?:error|ERR!|warn|WARN)|note: (?!test did not)|\s*File "|Found \d+ errors? in |During handling of|error: (?:aborting due to|could not compile|test failed, to rerun) |collect2: |\.\.\.|exit status \d+$|FAIL(?:$|\t| \S+\.[cm]?[jt]sx?$)|Aborted$|Ran all test suites|(?:Test Suites|Tests|Snapshots|Time): |\s*Error: (?:should be|Timeout - Async) |# (?:tests|suites|pass|cancelled|skipped|skip|todo|duration_ms) [\d.]+$)/;

/** How scripts mark a check of their own that has failed, before they go on with the next; not how they count these. */
const FAILED_CHECK =
  /^(?:(?:FAIL(?:ED|URE)?|not ok|NOT OK|\[(?:FAIL(?:ED)?|ERROR)\])(?:\s*[-:–—])?\s|[✗✘✖×❌]\s*)\s*[^\s\d]/;

/** What npm says about its own failure, for when nobody else says anything. */
const NPM_CAUSE = /^npm (?:error|ERR!) (?!(?:code|errno|syscall|path) )\S/;

/**
 * A line without its indentation, without the bars that Python draws beside a group of errors, and without what another
 * thread wrote in front of it.
 */
const bare = (line: string): string => line.replace(/^[\s|^~]+/, '').trim();

const IN_BRACKETS = /^\[(\w*(?:Error|Rejection): .*)\](?: \{)?$/;
const NOISE =
  /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[.\d]* \w+ \[\d+\] (?:\S+ )?(?:LOG: {2}|(?=(?:FATAL|PANIC|ERROR): {2}))|^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d (?=\S)|^● | {2}\(\w+\)$| \/\/ (?:Object\.is equality|deep equality|indexOf)$| \[recovered(?:, repanicked)?\]$|^\[ERROR\] {3}|(?<=^UnhandledPromiseRejection: )This error originated .*(?=The promise rejected )/g;

/** A line as people would say it. */
const said = (line: string): string =>
  line
    .replace(IN_BRACKETS, '$1')
    .replace(NOISE, '')
    .split('\t')
    .map((part, index) => (index === 0 ? part.trimEnd() : part.trim()))
    .filter((part) => part !== '')
    .join(' ')
    .trim();

/** Whether a line reports an error. */
export const isTelling = (line: string): boolean =>
  !EMPTY_TALK.test(line) && !isRunnersTalk(line) && TELLING.some((pattern) => pattern.test(bare(line)));

/** How many lines above its error a block of TAP, or the name of a test, may begin. */
const BLOCK_REACH = 60;

/** For an error in a block of TAP, the line above the block is the one to read: it names the test. */
function aboveBlock(lines: readonly string[], at: number): number {
  // A line of source that node:assert quotes.
  if (/ falsy value:$/.test(lines[at - 1] ?? '')) return at - 1;
  for (let index = at; index > Math.max(0, at - BLOCK_REACH); index -= 1) {
    const line = lines[index] ?? '';
    if (index < at && /^\s*\.\.\.$/.test(line)) return at;
    if (/^\s*---$/.test(line)) return /^\s*not ok\b/.test(lines[index - 1] ?? '') ? index - 1 : at;
  }
  return at;
}

/** The name of a test, if it is just above the error. */
const TEST_NAMES: readonly RegExp[] = [
  /^\s*FAIL {2}"(.+)"$/,
  /^ FAIL {2}\S+ > (.+)$/,
  /^\s*● (?!Test suite failed)(.+)$/,
  /^\s*✖ (.+) \(\d[\d.]*m?s\)$/,
  /^\s*\d+\) (?!(?:Failure|Error):)(?:\S+ › )?(.+?):?(?: ─+)?$/,
];
const UNITTEST_NAME = /^(?:FAIL|ERROR): (\w+) \(/;
/** The line that mocha puts between the name of a suite and an error. */
const MOCHA_TEST = /^ {5,}(\S.*):$/;

function testName(lines: readonly string[], at: number): string | undefined {
  // jasmine has a heading between the two.
  const last = /^\s*Message:$/.test(lines[at - 1] ?? '') ? at - 2 : at - 1;
  const [above = '', before = ''] = [lines[last], lines[last - 1]];
  const test = MOCHA_TEST.exec(above)?.[1];
  const suite = test === undefined ? undefined : /^\s*\d+\) (.+)$/.exec(before)?.[1];
  if (suite !== undefined) return `${suite} ${test}`;
  for (const pattern of TEST_NAMES) {
    const found = pattern.exec(above)?.[1];
    if (found !== undefined) return found;
  }
  // A traceback may be long; another one above it belongs to another test.
  for (let index = at - 1; index > Math.max(0, at - BLOCK_REACH); index -= 1) {
    const line = lines[index] ?? '';
    if (/^={20,}$/.test(line)) return undefined;
    const found = UNITTEST_NAME.exec(line)?.[1];
    if (found !== undefined) return found;
  }
  return undefined;
}

/** What Node's runner says about a test file that ended before its first test: nothing but its path. */
const TAP_FILE = /^not ok \d+ - \S+\.[cm]?[jt]sx?$/;
const TAP_COMMENT = /^#(?: |$)/;

/** What the file itself printed is above that, as comments. */
function ofTapFile(lines: readonly string[], at: number): string | undefined {
  const above = lines.slice(Math.max(0, at - BLOCK_REACH), at);
  const from = above.findLastIndex((line) => !TAP_COMMENT.test(line)) + 1;
  return errorLine(above.slice(from).map((line) => line.replace(TAP_COMMENT, '')));
}

/** pytest cuts the lines of its summary to the width of the terminal; the whole text is further up. */
function ofPytest(lines: readonly string[], summary: string): string | undefined {
  const [, test, cut = ''] = /^(?:FAILED|ERROR) (\S+) - (.*)$/.exec(summary) ?? [];
  if (test === undefined) return undefined;
  const begin = cut.replace(/\.\.\.$/, '').replace(/^AssertionError: /, '');
  const at = lines.findLastIndex(
    (line) => /^E {3,}\S/.test(line) && plainE(line).includes(begin.slice(0, 20)),
  );
  if (at === -1) return undefined;
  const block = lines.slice(at).map(plainE);
  const whole = cut.endsWith('...') ? (block[0] ?? cut) : cut;
  const differing = block.indexOf('Differing items:');
  const fact =
    differing !== -1 ? block[differing + 1] : /^assert /.test(block[1] ?? '') ? block[1] : undefined;
  return said(
    `${summary.slice(0, summary.length - cut.length)}${whole}${fact === undefined ? '' : `: ${fact}`}`,
  );
}

const plainE = (line: string): string => line.replace(/^E {3,}/, '').trim();

/** A bare Python assertion says nothing, but the statement above it does. */
const statementAbove = (lines: readonly string[], at: number): string | undefined =>
  lines
    .slice(Math.max(0, at - 3), at)
    .map(bare)
    .findLast((line) => line.startsWith('assert '));

/**
 * The text of a line, with what belongs to it.
 *
 * @param spoken lines, none of them blank
 * @param at the index of the line
 */
export function tell(spoken: readonly string[], at: number): string {
  const telling = said(bare(spoken[at] ?? '').replace(/^E {3,}/, ''));
  if (FILE_DIFFERENCE.test(spoken[at] ?? '')) return tellFiles(spoken.slice(at));
  const cause = TAP_FILE.test(telling) ? ofTapFile(spoken, at) : undefined;
  if (cause !== undefined) return `${telling}: ${cause}`;
  const summary = ofPytest(spoken, telling);
  if (summary !== undefined) return summary;
  const testify = /^Error: /.test(telling) ? ofTestify(spoken.slice(at, at + BLOCK_REACH)) : {};
  const block = tapBlock(spoken.slice(at)) ?? new Map();
  const names = [testify.name ?? testName(spoken, at), testify.message];
  const named = (text: string): string =>
    [
      ...names.filter((name) => name !== undefined),
      testify.name === undefined ? text : text.replace(/^Error: /, ''),
    ].join(': ');
  if (telling === 'AssertionError') {
    const statement = statementAbove(spoken, at);
    if (statement !== undefined) return named(`${telling}: ${statement}`);
  }
  const next = said(spoken[at + 1] ?? '');
  const isAnnounced = ANNOUNCEMENT.test(telling) && next !== '';
  const whole = isAnnounced ? `${telling}${telling.endsWith(' run') ? ':' : ''} ${next}` : telling;
  const below = causeBelow(spoken.slice(at));
  if (below !== undefined)
    return named(`${whole.replace(/^Exception in thread "[^"]*" /, '')}, caused by ${below}`);
  // RSpec quotes the source, which contains the parts of the fact anyway.
  const isSource = telling.startsWith('Failure/Error: ');
  const told = isSource ? '' : whole;
  const fact =
    tapValues(block) ??
    (isAnnounced ? assertionFact(spoken.slice(at + 1), told) : undefined) ??
    assertionFact(spoken.slice(at), told);
  const message = tapMessage(block);
  const parts = [whole, message ?? '', fact ?? ''].filter((part) => part !== '');
  if (parts.length === 1) return named(whole);
  return named(
    isSource && fact !== undefined ? fact : parts.map((part) => part.replace(/[.:]$/, '')).join(': '),
  );
}

/** testify prints the name of the test, and its author's message, below the error. */
function ofTestify(below: readonly string[]): { name?: string; message?: string } {
  const field = (name: RegExp): string | undefined =>
    below.flatMap((line) => name.exec(line)?.[1] ?? [])[0]?.trim();
  const [name, message] = [field(/^\s*Test: +\t(.+)$/), field(/^\s*Messages: +\t(.+)$/)];
  return { ...(name === undefined ? {} : { name }), ...(message === undefined ? {} : { message }) };
}

/** Describes a difference between two files; nobody knows which one is right. */
function tellFiles([first = '', second = '', ...lines]: readonly string[]): string {
  const [left, right] = [first, second].map((line) => line.split('\t', 1)[0]?.slice(4) ?? '');
  const changes = lines.filter((line) => /^[+-]/.test(line));
  return `${left} and ${right} differ: ${changes.slice(0, 2).map(said).join(' ')}`;
}

function causeBelow(lines: readonly string[]): string | undefined {
  const node = lines.findLast((line) => NODE_CAUSE.test(line));
  if (node !== undefined) return node.replace(NODE_CAUSE, '').replace(/ \{$/, '').trimEnd();
  return lines
    .findLast((line) => JAVA_CAUSE.test(line))
    ?.replace(JAVA_CAUSE, '')
    .trim();
}

/**
 * @param lines the last lines of output, oldest first
 * @returns the line that reports an error, with the fact that it announces or its cause; undefined if none does
 */
export function errorLine(lines: readonly string[]): string | undefined {
  const spoken = lines.map(spokenIn).filter((line) => line.trim() !== '');
  const at = spoken.findLastIndex(isTelling);
  const found = spoken[at];
  if (found === undefined) return undefined;
  if (COMPILER_ERROR.test(bare(found))) return spoken.map(bare).find((line) => COMPILER_ERROR.test(line));
  const torn = tornTracebacks(spoken);
  // What follows the tracebacks may be about something else.
  const isOfThese = torn.some((error) => bare(found).startsWith(error));
  if (isOfThese && torn.length > 1) return tellErrors(torn);
  return tell(spoken, innermostFailure(spoken, aboveBlock(spoken, at)));
}

/**
 * @param lines the last lines of output, oldest first
 * @returns the last line that marks a check as failed, or else that reports an error; undefined if none does
 */
export const complaint = (lines: readonly string[]): string | undefined =>
  lines
    .map((line) => spokenIn(line).trim())
    .findLast((line) => FAILED_CHECK.test(line) && !EMPTY_TALK.test(line)) ?? errorLine(lines);

/**
 * @param lines the last lines of output of something that is known to have failed, oldest first
 * @returns the line that reports an error, or else the last check that is marked as failed, or the last line that says
 * anything; undefined if none does
 */
export function headline(lines: readonly string[]): string | undefined {
  const spoken = lines.map(spokenIn).filter((line) => line.trim() !== '');
  const says = (line: string, at: number): boolean => !EMPTY_TALK.test(line) && !isRunners(spoken, at);
  const last =
    spoken.findLast((line, at) => FAILED_CHECK.test(line.trim()) && says(line, at)) ?? spoken.findLast(says);
  const fallback = last ?? runnersWord(spoken) ?? spoken.find((line) => NPM_CAUSE.test(line)) ?? spoken[0];
  return errorLine(spoken) ?? (fallback === undefined ? undefined : said(fallback));
}
