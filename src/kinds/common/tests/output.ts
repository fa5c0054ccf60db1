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
import { type PrintedTests, together } from './together.ts';
import { UNITTEST } from './unittest.ts';

const RUNNERS: readonly KnownRunner[] = [
  ...[PYTEST, UNITTEST, GO, GO_JSON, CARGO, NEXTEST, TAP, NODE_SPEC, JSON_REPORT],
];
const ALL_SIGNS = RUNNERS.flatMap(({ signs }) => signs);

const NEWLINE = 0x0a;
/** After how many bytes everybody else has a turn. */
const TURN = 1024 * 1024;

function readersFor(output: Buffer): TestReader[] {
  if (!textFilter(ALL_SIGNS).occursIn(output)) return [];
  return RUNNERS.filter(({ signs }) => textFilter(signs).occursIn(output)).map(({ read }) => read());
}

/**
 * @param output all that a command has printed
 * @returns its tests; undefined if there are none, or it is not certain what they are
 */
export async function printedTests(output: Buffer): Promise<PrintedTests | undefined> {
  const readers = readersFor(output);
  if (readers.length === 0) return undefined;
  let number = 0;
  let nextTurn = TURN;
  for (let at = 0; at < output.length; ) {
    const next = output.indexOf(NEWLINE, at);
    const end = next === -1 ? output.length : next;
    const line = shownText(output.toString('utf8', at, end));
    number += 1;
    for (const reader of readers) reader.line(line, number);
    at = end + 1;
    if (at < nextTurn) continue;
    nextTurn = at + TURN;
    await turn();
  }
  const sessions: Session[] = readers.flatMap((reader) => [...reader.end()]);
  return together(sessions);
}
