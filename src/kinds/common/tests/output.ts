/**
 * Finds the tests in what a command printed. Nothing has to be said about its runner, and whatever is not certain is not
 * told: a runner's tests count only if its own summary agrees with them.
 */
import { setImmediate as turn } from 'node:timers/promises';
import { textFilter } from '../../../process/output/text-filter.ts';
import { shownText } from '../../../text/terminal-text.ts';
import { CARGO } from './cargo.ts';
import { GO } from './go.ts';
import { GO_JSON } from './go-json.ts';
import { JSON_REPORT } from './json.ts';
import { NEXTEST } from './nextest.ts';
import { NODE_SPEC } from './node-spec.ts';
import { PYTEST } from './pytest.ts';
import type { KnownRunner, Session, TestReader } from './reader.ts';
import { TAP } from './tap.ts';
import { type PrintedTests, together, type UntoldTests } from './together.ts';
import { UNITTEST } from './unittest.ts';

const RUNNERS: readonly KnownRunner[] = [
  ...[PYTEST, UNITTEST, GO, GO_JSON, CARGO, NEXTEST, TAP, NODE_SPEC, JSON_REPORT],
];
const ALL_SIGNS = RUNNERS.flatMap(({ signs }) => signs);

const NEWLINE = 0x0a;
/** After how many bytes everybody else has a turn. */
const TURN = 1024 * 1024;

const LINE_END = Buffer.from('\n');
/** No sign is longer. */
const BEGINNING = 100;

function readersFor(output: Buffer, cwd: string): TestReader[] {
  // Some signs are those of a line's beginning, and there is one at the beginning of it all.
  const beginning = Buffer.concat([LINE_END, output.subarray(0, BEGINNING)]);
  const hasSign = (signs: readonly string[]): boolean => {
    const filter = textFilter(signs);
    return filter.occursIn(beginning) || filter.occursIn(output);
  };
  if (!hasSign(ALL_SIGNS)) return [];
  return RUNNERS.filter(({ signs }) => hasSign(signs)).map(({ read }) => read(cwd));
}

/**
 * @param output all that a command has printed
 * @param cwd where it ran, absolute
 * @returns its tests, or why those of several runners are not told; undefined if there are none, or it is not certain what
 *   they are
 */
export async function printedTests(
  output: Buffer,
  cwd: string,
): Promise<PrintedTests | UntoldTests | undefined> {
  const readers = readersFor(output, cwd);
  if (readers.length === 0) return undefined;
  let number = 0;
  let nextTurn = TURN;
  let torn = '';
  for (let at = 0; at < output.length; ) {
    const next = output.indexOf(NEWLINE, at);
    const end = next === -1 ? output.length : next;
    const line = shownText(output.toString('utf8', at, end));
    if (next === -1) torn = line;
    number += 1;
    for (const reader of readers) reader.line(line, number);
    at = end + 1;
    if (at < nextTurn) continue;
    nextTurn = at + TURN;
    await turn();
  }
  const sessions: Session[] = readers.flatMap((reader) => [...reader.end(torn)]);
  return together(sessions);
}
