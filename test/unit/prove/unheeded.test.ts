/** What to do about a check that has said that something is wrong, and passed. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { RunEvent } from '../../../src/core/event.ts';
import { adviceAfter } from '../../../src/prove/unheeded.ts';

const folder = mkdtempSync(join(tmpdir(), 'unheeded-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let logs = 0;
/** A run that has left this log. */
function heard(log: string | null): { readonly events: readonly RunEvent[] } {
  logs += 1;
  const logFile = log === null ? null : join(folder, `${logs}.log`);
  if (logFile !== null) writeFileSync(logFile, log ?? '');
  const ready = { type: 'service-ready', component: 'api', service: 'server' } as unknown as RunEvent;
  return {
    events: [{ type: 'component-started', component: 'api', kind: 'http', attempt: 1, logFile }, ready],
  };
}

const FAULT = { advice: 'compare the body' };
const CONTROL = heard('==> client <==\nok - health\nError: of no interest\n');
const advice = (log: string | null): string => adviceAfter(FAULT, heard(log), CONTROL);
const printed = (line: string): string =>
  `it printed "${line}", and passed all the same: have it exit with another code than 0 where a check fails`;

test.each([
  ['marks a check as failed', 'FAIL - health: 500\nok - gone', 'FAIL - health: 500'],
  ['prints an error', 'x\nRuntimeError: no', 'RuntimeError: no'],
  ['says it at length', `✗ ${'x'.repeat(500)}`, `✗ ${'x'.repeat(118)}…`],
])('one that %s is to exit with another code', (_, log, line) => {
  expect(advice(`==> client <==\n${log}\n`)).toBe(printed(line));
});

test.each([
  ['says nothing of it', '==> client <==\nok - health\n'],
  ['says what it always says', '==> client <==\nError: of no interest\n'],
  ['leaves it to the server', '==> client <==\nok\n\n==> server <==\nError: aborted\nFAIL - aborted\n'],
  ['has no log', null],
])('one that %s is to look at what the fault changes', (_, log) => {
  expect(advice(log)).toBe(FAULT.advice);
});

test('a log that is gone says nothing', () => {
  const lost = heard('FAIL - health\n');
  rmSync(join(folder, `${logs}.log`));
  expect(adviceAfter(FAULT, lost, CONTROL)).toBe(FAULT.advice);
});
